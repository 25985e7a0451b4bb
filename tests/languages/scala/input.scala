package com.example

/** An object's doc. */
object Stack {
  /** Makes one.
    *
    * @param size how many
    */
  def apply(size: Int): Stack = new Stack(size)

  // Plain.
  private[this] def block[T](x: T)(implicit y: T): T = {
    def local(z: Int) = z
    x.call(local(1))
    max[Int](1, 2)
  }
}

class Stack(size: Int) extends Base(size) with Named {
  def this() = this(1)

  /** Annotated. */
  @tailrec
  final override def push(item: Int): Unit = push(item)

  def ::(other: Int): Stack = this

  def `odd name`: Int = 1
}

trait Shape {
  def area(scale: Int): Double
}

trait Reach {
  def ends(x: Int): Int =
    x match {
      case 1 => 2
    }

  // Not the end's.
  /** Comes next. */
  def next: Int =
    3
}
