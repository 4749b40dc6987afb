import { type DragEvent, useId, useRef, useState } from "react";
import { Button } from "../parts/Button";
import { bytes } from "../parts/format";
import { Icon } from "../parts/Icon";

const mostFiles = 32;
const mostBytes = 25 * 1024 * 1024;

/** Files by dropping or choosing; says at once what the server would refuse. */
export function FileDrop({ files, put }: { files: readonly File[]; put: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const note = useId();
  const [over, setOver] = useState(false);
  const add = (more: FileList | null) => more && put([...files, ...[...more].filter((m) => !files.some((f) => f.name === m.name && f.size === m.size))]);
  const total = files.reduce((sum, f) => sum + f.size, 0);
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    add(e.dataTransfer.files);
  };
  return (
    <div onDragOver={(e) => (e.preventDefault(), setOver(true))} onDragLeave={() => setOver(false)} onDrop={drop} className={`rounded-md border border-dashed p-3 ${over ? "border-accent bg-accent-soft" : "border-edge"}`}>
      <div className="flex flex-wrap items-center gap-3">
        <Button icon="file" onClick={() => input.current?.click()}>
          Attach files
        </Button>
        <span id={note} className="text-dim">
          or drop them here: mails, PDFs, tables, notes; 25 MB in all
        </span>
        <input ref={input} type="file" multiple tabIndex={-1} aria-label="Files" aria-describedby={note} className="sr-only" onChange={(e) => (add(e.target.files), (e.target.value = ""))} />
      </div>
      {files.length > 0 && (
        <ul className="mt-2 flex flex-col gap-1">
          {files.map((file) => (
            <li key={`${file.name} ${file.size}`} className="flex items-center gap-2 rounded bg-sunken pl-2">
              <Icon name="file" />
              <span className="min-w-0 flex-1 truncate">{file.name}</span>
              <span className="text-dim tabular-nums">{bytes(file.size)}</span>
              <Button look="quiet" icon="close" label={`Remove ${file.name}`} onClick={() => put(files.filter((f) => f !== file))} />
            </li>
          ))}
        </ul>
      )}
      {(files.length > mostFiles || total > mostBytes) && (
        <p role="alert" className="mt-2 text-red">
          {files.length > mostFiles ? `${files.length} files; the server takes ${mostFiles}.` : `${bytes(total)} in all; the server takes 25 MB.`} Remove some.
        </p>
      )}
    </div>
  );
}
