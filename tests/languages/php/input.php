<?php

declare(strict_types=1);

namespace App\Models;

/** A class's doc. */
final class User extends Model implements \JsonSerializable
{
    use HasName;

    /**
     * Makes one.
     *
     * @param string $name how it is called
     */
    public function __construct(private readonly string $name)
    {
        parent::__construct();
    }

    /** Annotated. */
    #[Route('/user')]
    public static function find(int $id): ?static
    {
        $query = static fn () => User::query($id);
        return strtolower($query)->first() ?? new User('x');
    }

    // Plain.
    abstract protected function plain();
}

interface Named
{
    public function name(): string;
}

trait HasName
{
    public function &name(): string { return $this?->get(); }
}

enum Suit
{
    case Hearts;

    public function color(): string { return 'Red'; }
}

# A hash comment is no doc.
function helper(array $a = [], ...$rest) {
    function inner() {}
    return new class {
        public function anonymous() {}
    };
}
