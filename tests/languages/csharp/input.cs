using System;

namespace Company.Product;

/// <summary>A class's doc.</summary>
public class Stack<T> : Base, IDisposable where T : class
{
    /// <summary>Makes one.</summary>
    /// <param name="size">how many</param>
    public Stack(int size) : base(size) { Reserve(size); }

    ~Stack() { }

    /// <summary>Pushes.</summary>
    [Obsolete("use Put")]
    [return: NotNull]
    public async Task<T> Push<U>(T item, U u = default) where U : struct
    {
        await this.items?.Add<T>(item);
        int Local(int x) { return new List<int>().Count(); }
        return Local(1);
    }

    // Plain.
    public int Expression() => Compute();

    /** <summary>Explicit.</summary> */
    void IDisposable.Dispose() { }

    public static Stack<T> operator +(Stack<T> a, Stack<T> b) { return a; }

    public static implicit operator int(Stack<T> stack) => 1;

    public abstract void Abstract();

    interface INested { void Member(); }

    record struct Point(int X) { public void Move() { } }

    [Fact]
    public void Works() { }
}
