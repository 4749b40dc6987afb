import type { ReactNode } from "react";

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  readonly number?: boolean;
}

/** A table of what fits on a page; it scrolls sideways by itself where the window is narrow. */
export function Table<T>({ label, columns, rows, keyOf }: { label: string; columns: readonly Column<T>[]; rows: readonly T[]; keyOf: (row: T) => string }) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="group" aria-label={label}>
      <table className="w-full border-collapse text-left">
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.title} scope="col" className={`border-b border-line px-3 py-2 font-medium whitespace-nowrap text-dim ${c.number ? "text-right" : ""}`}>
                {c.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className="border-b border-line last:border-0">
              {columns.map((c) => (
                <td key={c.title} className={`px-3 py-2 align-top ${c.number ? "text-right tabular-nums" : ""}`}>
                  {c.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
