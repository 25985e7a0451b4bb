namespace outer::inner {

/// A class's doc.
template <typename T>
class Stack : public Base<T> {
 public:
  /** Makes one. */
  explicit Stack(int size) : size_(size) { reserve(size); }
  ~Stack() = default;

  /// Pushes.
  virtual void push(const T& item) const noexcept override { items_.push_back(item); }

  bool operator==(const Stack& other) const { return true; }
  operator bool() const { return size_ > 0; }
  T& operator[](int at) { return items_[at]; }

  void declared_only();

 private:
  struct Node { void link() {} };
};

}  // namespace outer::inner

/// Defined outside of its class.
template <typename T>
T* outer::inner::Stack<T>::pop(int n) {
  return std::move(items_).template back<T>();
}

outer::inner::Stack<int>::Stack(const Stack& other) : Stack(other.size_) {}

outer::inner::Stack<int>::~Stack() {}

outer::Node::operator int() const { return 1; }

std::ostream& operator<<(std::ostream& out, const Node& node) { return out << node.name<int>(); }

namespace {
/*! Hidden. */
[[nodiscard]] static auto hidden() -> int { return new_one<int>(new Node(1)); }
}

extern "C" {
int exported(void) { return ::hidden(); }
}

template <>
void specialised<int>(int x) {}

int guarded() try {
  auto closure = [](int a) { return a; };
  return closure(1);
} catch (...) {
  return 0;
}

namespace macros {
NAMESPACE_BEGIN
namespace inner {
NO_SANITIZE("bounds")
int guarded() { return ns::call(); }
}  // namespace inner
NAMESPACE_END
}  // namespace macros
