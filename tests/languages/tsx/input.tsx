interface Props {
  onPress(): void;
}

/** A button. */
export const Button = ({ onPress }: Props): JSX.Element => {
  const press = () => onPress();
  return <button onClick={() => press()}>{label("x")}</button>;
};

export function List<T,>(props: { items: T[] }) {
  return (
    <ul>
      {props.items.map(function row(item) {
        return <li>{String(item)}</li>;
      })}
    </ul>
  );
}
