import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon";

const looks = {
  primary: "bg-accent text-on-accent border-transparent hover:brightness-110",
  plain: "bg-panel text-ink border-edge hover:bg-sunken",
  danger: "bg-panel text-red border-red hover:bg-red-soft",
  quiet: "bg-transparent text-ink border-transparent hover:bg-sunken",
} as const;

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: keyof typeof looks;
  readonly icon?: IconName;
  /** For a button that shows its icon alone. */
  readonly label?: string;
}

export function Button({ look = "plain", icon, label, children, className = "", type = "button", ...rest }: Props) {
  const size = children === undefined ? "w-9 justify-center" : "px-3";
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      title={label}
      className={`inline-flex h-9 shrink-0 items-center gap-1.5 rounded-md border font-medium whitespace-nowrap disabled:opacity-60 ${size} ${looks[look]} ${className}`}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
