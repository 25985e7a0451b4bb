/** A file's own doc. */

import { a } from "a";

// A plain comment is no doc.
function plain(x = {}, ...rest) {
  return helper(x).then(rest.map(String));
}

/**
 * Adds two numbers.
 *
 * @param {number} a
 * @returns {number} `a + b`
 */
export async function* add(a, b) {
  yield a + b;
}

/** Doubles. */
// A comment in between belongs to nobody.
export const double = (x) => x * 2;

const first = () => 1, second = function named() {};

/** The default. */
export default function () {
  return new Stack();
}

class Stack extends Base {
  /** Makes one. */
  constructor(items) {
    super(items);
    this.size = () => items.length;
  }

  /** Decorated. */
  @logged
  push(item) {}

  static async *#hidden() {}

  get [Symbol.iterator]() {
    return 1;
  }

  /** A field that is a function. */
  handle = (event) => {
    this.push(event);
  };

  "quoted name"() {}
}

/** Pops. */
Stack.prototype.pop = function () {
  return this.items.pop();
};

exports.exported = function own() {};

module.exports = function create() {};

res.app.get = function () {};

this.hook = () => {};

getApp().listen = () => {};

const api = {
  /** Short method. */
  get(path) {},
  post: async (path) => fetch(path),
  nested: {
    deep: function () {},
  },
};

const Mixin = class Inner {
  mixed() {}
};

app.use(function onError(error) {
  function inner() {}
  return inner;
});

(function () {
  let bound;
  bound = () => {};
})();
