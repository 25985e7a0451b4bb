"""The dataset folder: its Parquet files, its card, its manifest."""
