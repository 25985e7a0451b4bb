package com.example;

import java.util.List;

/** A class's doc. */
public class Outer<T extends Comparable<T>> {

    /**
     * Makes one.
     *
     * @param size how many
     * @throws IllegalArgumentException if negative
     */
    public Outer(int size) {
        this(size, new Inner<String>());
        List.<String>of().forEach(System.out::println);
    }

    /* A block comment is no doc. */
    int plain() { return 0; }

    /** Annotated. */
    @Override
    @SuppressWarnings({"unchecked", "raw"})
    public <R> R annotated(@Nullable R value) throws Exception {
        // @Test
        return helper(value).get();
    }

    /** An old doc. */
    /** The doc that counts. */
    // and a line comment
    protected abstract void twice();

    /***
     * Three stars.
     *   Indented.
     without a star
     */
    static void stars() {
        Runnable r = new Runnable() {
            /** In an anonymous class. */
            @Override public void run() { stars(); }
        };
        class Local { void m() {} }
        new com.example.Outer<>(1).new Made();
    }

    record Point(int x, int y) {
        /** Compact. */
        Point {
            check(x);
        }
    }

    enum Color {
        RED { @Override String code() { return "r"; } };
        String code() { return null; }
    }

    interface Shape { /** The area. */ double area(); default void draw() {} }

    @interface Config { String value() default ""; }

    @Test
    void works() {}
}
