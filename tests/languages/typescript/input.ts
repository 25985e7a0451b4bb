/**
 * The first overload.
 * @param value what to parse
 */
export function parse(value: string): number;
export function parse(value: number): number;
/** The implementation. */
export function parse(value: unknown): number {
  return Number(value);
}

declare function ambient(this: Window, x?: number): asserts x is number;
export declare function exportedAmbient<const T>(x: T): void;

/** Generic. */
export const identity = <T,>(x: T): T => x;

abstract class Shape<in out T> implements HasArea {
  constructor(private readonly name: string) {
    super();
  }

  /** The area. */
  abstract area(): number;

  /** Decorated. */
  @Input()
  @Memo({ size: 1 }) async describe(@Inject() x: number): Promise<string> {
    return this.format<string>(x);
  }

  over(a: string): void;
  over(a: unknown): void {}

  protected readonly format = (x: number): string => x.toFixed();

  private static get count(): number {
    return 0;
  }
}

interface HasArea {
  /** In square metres. */
  area(): number;
  readonly property: () => void;
  "quoted"?(): void;
}

type Callbacks = {
  done(error?: Error): void;
};

namespace Outer.Inner {
  /** Inside. */
  export function helper(): void {
    new Map<string, number>().set("a", 1);
  }
}

declare module "somewhere" {
  function fromPackage(): void;
}

declare global {
  interface Window {
    later(): void;
  }
}

export default class {
  run(): void {}
}
