/** @file The file's own doc is followed by a blank line and an include. */
#include <stdio.h>

/**
 * @brief Adds.
 * @param a one
 */
static inline int *add(const int *a, int b)
{
    return wrap(a + b, table->lookup(b));
}

/// A line doc,
/// in two lines.
struct point **make(void) { return 0; }

// A plain comment is no doc.
int prototype(int a);

/*! Qt style. */
int (*returns_function(int a))(int)
{
    return &prototype;
}

/* Plain. */
__attribute__((noreturn)) void (parenthesised)(void) { exit(1); }

int old_style(a, b)
    int a;
    char b;
{
    return a;
}

#ifdef DEBUG
/** Only when debugging. */
void debug(void) {}
#endif

//! Not a doc: a variable is in between.
int x;
int main(int argc, char **argv) { return add(&argc, 1) != 0; }

API_BEGIN

/** A macro's name is the type. */
ULONG
find(int key)
{
    CHECK_RANGE(key)
        || abort();
    CHECK_KEY
        (key);
    return sum(key,
        MAX_KEYS
    );
}

HANDLE
OPEN(const char *name)
{
    LOCK_FILE
    return GET_HANDLE(name);
}

/** Macros stand before it. */
ATTR_NOTHROW
ALLOC_SIZE(1)
void *reserve(int size) { return 0; }

API_END
