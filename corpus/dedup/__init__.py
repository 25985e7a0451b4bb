"""Near-duplicates: signatures for whole batches, candidates by bands, clusters by true Jaccard.

``sign`` turns texts into shingle hashes in the workers; ``cluster`` decides over the whole corpus.
``docs/dedup.md`` says which rule decides and what it costs.
"""
