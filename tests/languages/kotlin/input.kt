package com.example

import kotlin.math.max

/** A class's doc. */
class Stack<T>(private val size: Int) : Base(), Named {
    /** A second constructor. */
    constructor(items: List<T>) : this(items.size) {
        reserve(1)
    }

    /**
     * Pushes.
     *
     * @param item what
     */
    @Throws(Exception::class)
    override fun push(item: T): Boolean {
        return items.add(item) && max(1, 2) > Node()
    }

    // Plain.
    private inline fun <reified R> expression(x: R) = listOf<R>(x)

    companion object {
        /** A factory. */
        @JvmStatic
        fun create(): Stack<Int> = Stack(1)
    }

    object Named {
        fun nested() {}
    }

    inner class Node {
        fun link() {}
    }
}

interface Shape {
    fun area(): Double
}

enum class Color {
    RED {
        override fun code() = "r"
    };

    abstract fun code(): String
}

suspend fun List<Int>.total(block: (Int) -> Unit): Int {
    fun local() {}
    return sumOf { it }
}

class Tests {
    @Test
    fun `works as expected`() {}
}

class Soft {
    private var set: Int = 0

    fun names(x: Int): Int {
        in1.close()
        open(x)
        return set or x
    }
}
