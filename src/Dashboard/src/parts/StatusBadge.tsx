import type { GoalStatus, StepStatus } from "../api/types";
import { Icon, type IconName } from "./Icon";

type Status = GoalStatus | StepStatus;

interface Look {
  readonly colour: Colour;
  readonly icon: IconName;
  readonly word: string;
}

export type Colour = "blue" | "amber" | "green" | "red" | "violet" | "grey";

export const badgeColours: Record<Colour, string> = {
  blue: "bg-blue-soft text-blue",
  amber: "bg-amber-soft text-amber",
  green: "bg-green-soft text-green",
  red: "bg-red-soft text-red",
  violet: "bg-violet-soft text-violet",
  grey: "bg-grey-soft text-grey",
};

export const statusLooks: Record<Status, Look> = {
  Planning: { colour: "violet", icon: "spark", word: "Planning" },
  Running: { colour: "blue", icon: "play", word: "Running" },
  Waiting: { colour: "amber", icon: "person", word: "Waiting" },
  Suspended: { colour: "amber", icon: "person", word: "Waits for a person" },
  BackingOff: { colour: "amber", icon: "clock", word: "Waits to retry" },
  Delegating: { colour: "violet", icon: "clock", word: "Waits for helpers" },
  Pending: { colour: "grey", icon: "clock", word: "Pending" },
  Completed: { colour: "green", icon: "check", word: "Completed" },
  Failed: { colour: "red", icon: "cross", word: "Failed" },
  Skipped: { colour: "grey", icon: "skip", word: "Skipped" },
  Cancelled: { colour: "grey", icon: "dash", word: "Cancelled" },
};

export function StatusBadge({ status }: { status: Status }) {
  const look = statusLooks[status] ?? statusLooks.Pending;
  return <Badge colour={look.colour} icon={look.icon} text={look.word} />;
}

export function Badge({ colour, icon, text }: { colour: Colour; icon?: IconName; text: string }) {
  return (
    <span className={`inline-flex h-6 items-center gap-1 rounded-full px-2 text-xs font-medium whitespace-nowrap ${badgeColours[colour]}`}>
      {icon && <Icon name={icon} size={12} />}
      {text}
    </span>
  );
}
