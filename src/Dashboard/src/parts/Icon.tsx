const paths = {
  goals: "M4 6h16M4 12h16M4 18h10",
  approvals: "M9 12l2.5 2.5L16 10M12 3l7 3v5c0 5-3 8.5-7 10-4-1.5-7-5-7-10V6z",
  activity: "M3 12h4l3-8 4 16 3-8h4",
  knowledge: "M4 5a2 2 0 012-2h13v16H6a2 2 0 00-2 2zM4 19V5M8 7h7M8 11h5",
  catalogue: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM16.5 13v7M13 16.5h7",
  usage: "M4 20V10M10 20V4M16 20v-7M22 20H2",
  keys: "M14 10a4 4 0 10-3.5 4L12 12.5h2V11h2V9.5h4V6.5h-6.5M7.5 10.5h.01",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 019.5 4 8.5 8.5 0 1020 14.5z",
  system: "M3 5h18v11H3zM9 20h6M12 16v4",
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M7 7l10 10M17 7L7 17",
  clock: "M12 7v5l3 2M12 3a9 9 0 100 18 9 9 0 000-18z",
  person: "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c.5-4.5 4-6.5 8-6.5s7.5 2 8 6.5",
  play: "M8 5v14l11-7z",
  pause: "M8 5v14M16 5v14",
  skip: "M6 6l7 6-7 6zM17 6v12",
  dash: "M6 12h12",
  spark: "M12 3v5M12 16v5M3 12h5M16 12h5M6 6l3 3M15 15l3 3M18 6l-3 3M9 15l-3 3",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  search: "M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l5 5",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  edit: "M4 20h4L19 9l-4-4L4 16z",
  tool: "M14.5 6.5a4 4 0 015-1l-2.5 2.5 1 2 2 1L22.500 8.500a4 4 0 01-5.500 4.500L9 21l-3-3 8-8a4 4 0 01.5-3.500z",
  model: "M12 3l8 4.500v9L12 21l-8-4.500v-9zM12 12l8-4.500M12 12v9M12 12L4 7.500",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  down: "M6 9l6 6 6-6",
  right: "M9 6l6 6-6 6",
  live: "M12 10a2 2 0 100 4 2 2 0 000-4zM7.800 7.800a6 6 0 000 8.400M16.200 7.800a6 6 0 010 8.400",
} as const;

export type IconName = keyof typeof paths;

/** A drawing beside a text that says the same: nothing for screen readers. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" className="shrink-0">
      <path d={paths[name]} />
    </svg>
  );
}
