/** Short names in a row. */
export function Chips({ items, none = "–" }: { items: readonly string[]; none?: string }) {
  if (items.length === 0) return <span className="text-dim">{none}</span>;
  return (
    <ul className="flex flex-wrap gap-1">
      {items.map((item) => (
        <li key={item} className="rounded bg-grey-soft px-1.5 py-0.5 font-mono text-xs">
          {item}
        </li>
      ))}
    </ul>
  );
}
