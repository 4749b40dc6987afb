import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { Button } from "./Button";

interface Props {
  readonly title: string;
  readonly close: () => void;
  readonly children: ReactNode;
  readonly wide?: boolean;
}

/** The browser's own modal dialog: it keeps the focus, and Escape closes it. */
export function Dialog({ title, close, children, wide }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the element goes, so that closing it gives the focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element || element.open) return;
    element.showModal();
    // The browser would give the focus to the button that closes it.
    element.querySelector<HTMLElement>("form :is(textarea, input, select)")?.focus();
    return () => element.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(e) => {
        e.preventDefault();
        close();
      }}
      className={`panel max-h-[92dvh] w-[calc(100vw-1.5rem)] overflow-y-auto shadow-xl ${wide ? "max-w-3xl" : "max-w-xl"}`}
    >
      <header className="sticky top-0 z-10 flex items-center justify-between gap-3 border-b border-line bg-panel px-4 py-2">
        <h2 id={heading} className="text-base font-semibold">
          {title}
        </h2>
        <Button look="quiet" icon="close" label="Close" onClick={close} />
      </header>
      <div className="p-4">{children}</div>
    </dialog>
  );
}
