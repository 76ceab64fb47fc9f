/** The icons, drawn on a grid of 24: `lines` are stroked with 1.5, `dots` are filled. */

const DRAWN = {
  search: { lines: "M4.5 10.75a6.25 6.25 0 1 0 12.5 0a6.25 6.25 0 1 0 -12.5 0M15.5 15.5 20 20" },
  sync: { lines: "M19.5 12a7.5 7.5 0 0 1-13 5.1M4.5 12a7.5 7.5 0 0 1 13-5.1M17.75 3.25V7H14M6.25 20.75V17H10" },
  more: {
    lines: "",
    dots: "M4.1 12a1.4 1.4 0 1 0 2.8 0a1.4 1.4 0 1 0 -2.8 0ZM10.6 12a1.4 1.4 0 1 0 2.8 0a1.4 1.4 0 1 0 -2.8 0ZM17.1 12a1.4 1.4 0 1 0 2.8 0a1.4 1.4 0 1 0 -2.8 0Z",
  },
  "chevron-left": { lines: "M14.5 6l-6 6 6 6" },
  "chevron-right": { lines: "M9.5 6l6 6-6 6" },
  "chevron-down": { lines: "M6 9.5l6 6 6-6" },
  panel: { lines: "M5.75 5h12.5a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-12.5a2 2 0 0 1 -2 -2v-10a2 2 0 0 1 2 -2ZM14.5 5v14" },
  x: { lines: "M6.5 6.5l11 11M17.5 6.5l-11 11" },
  users: {
    lines:
      "M5.5 8.5a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0M2.75 19.25c.45-3.2 3-5 6.25-5s5.8 1.8 6.25 5M15.5 5.25a3.4 3.4 0 0 1 0 6.5M17.5 14.6c2.1.6 3.4 2.2 3.75 4.65",
  },
  database: {
    lines:
      "M5 6.5a7 2.75 0 1 0 14 0a7 2.75 0 1 0 -14 0M5 6.5v11c0 1.5 3.1 2.75 7 2.75s7-1.25 7-2.75v-11M5 12c0 1.5 3.1 2.75 7 2.75S19 13.5 19 12",
  },
  shield: {
    lines: "M12 3.75l7 2.5v5.25c0 4.3-2.9 7.3-7 8.75-4.1-1.45-7-4.45-7-8.75V6.25l7-2.5ZM9 12l2.25 2.25L15.25 10",
  },
  check: { lines: "M5 12.5 9.5 17 19 7.5" },
  "check-circle": { lines: "M3.75 12a8.25 8.25 0 1 0 16.5 0a8.25 8.25 0 1 0 -16.5 0M8.25 12.25 11 15l4.75-5.25" },
  phone: {
    lines:
      "M4 5.5A1.75 1.75 0 0 1 5.75 3.75H7.9a1.25 1.25 0 0 1 1.2.9l.9 3.1a1.25 1.25 0 0 1-.35 1.25L8.2 10.4a12.2 12.2 0 0 0 5.4 5.4l1.4-1.45a1.25 1.25 0 0 1 1.25-.35l3.1.9a1.25 1.25 0 0 1 .9 1.2v2.15A1.75 1.75 0 0 1 18.5 20C10.5 20 4 13.5 4 5.5Z",
  },
  copy: {
    lines:
      "M10.75 8.75h7a2 2 0 0 1 2 2v7a2 2 0 0 1 -2 2h-7a2 2 0 0 1 -2 -2v-7a2 2 0 0 1 2 -2ZM6 15.25a1.75 1.75 0 0 1-1.75-1.75V6A1.75 1.75 0 0 1 6 4.25h7.5A1.75 1.75 0 0 1 15.25 6",
  },
  external: {
    lines:
      "M13.5 4.5h6v6M19.5 4.5 11 13M9.5 5.5H6.75A2.25 2.25 0 0 0 4.5 7.75v9.5a2.25 2.25 0 0 0 2.25 2.25h9.5a2.25 2.25 0 0 0 2.25-2.25V14.5",
  },
  alert: {
    lines:
      "M10.7 5.25 3.9 17a1.5 1.5 0 0 0 1.3 2.25h13.6A1.5 1.5 0 0 0 20.1 17L13.3 5.25a1.5 1.5 0 0 0-2.6 0ZM12 9.75v4",
    dots: "M11.05 16.4a0.95 0.95 0 1 0 1.9 0a0.95 0.95 0 1 0 -1.9 0Z",
  },
  clock: { lines: "M3.75 12a8.25 8.25 0 1 0 16.5 0a8.25 8.25 0 1 0 -16.5 0M12 7.25V12l3.25 2" },
  "link-off": {
    lines:
      "M10.25 6.75l1.4-1.4a4.24 4.24 0 0 1 6 6l-1.4 1.4M13.75 17.25l-1.4 1.4a4.24 4.24 0 0 1-6-6l1.4-1.4M4.5 4.5l15 15",
  },
  server: {
    lines:
      "M6 4.75h12a1.75 1.75 0 0 1 1.75 1.75v2.5a1.75 1.75 0 0 1 -1.75 1.75h-12a1.75 1.75 0 0 1 -1.75 -1.75v-2.5a1.75 1.75 0 0 1 1.75 -1.75ZM6 13.25h12a1.75 1.75 0 0 1 1.75 1.75v2.5a1.75 1.75 0 0 1 -1.75 1.75h-12a1.75 1.75 0 0 1 -1.75 -1.75v-2.5a1.75 1.75 0 0 1 1.75 -1.75Z",
    dots: "M7.05 7.75a0.95 0.95 0 1 0 1.9 0a0.95 0.95 0 1 0 -1.9 0ZM7.05 16.25a0.95 0.95 0 1 0 1.9 0a0.95 0.95 0 1 0 -1.9 0Z",
  },
  settings: {
    lines:
      "M4.5 8h8.25M18.25 8h1.25M4.5 16h1.25M11.25 16h8.25M13 8a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0M6 16a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0",
  },
  info: {
    lines: "M3.75 12a8.25 8.25 0 1 0 16.5 0a8.25 8.25 0 1 0 -16.5 0M12 11.25V16",
    dots: "M11.05 8.25a0.95 0.95 0 1 0 1.9 0a0.95 0.95 0 1 0 -1.9 0Z",
  },
  "call-in": { lines: "M17.5 6.5 7 17M7 9v8h8" },
  "call-out": { lines: "M6.5 17.5 17 7M9 7h8v8" },
  "call-missed": { lines: "M19.5 7.5l-7 7-7-7M5.5 13V7.5H11" },
  "call-elsewhere": {
    lines:
      "M4 5.5A1.75 1.75 0 0 1 5.75 3.75H7.9a1.25 1.25 0 0 1 1.2.9l.9 3.1a1.25 1.25 0 0 1-.35 1.25L8.2 10.4a12.2 12.2 0 0 0 5.4 5.4l1.4-1.45a1.25 1.25 0 0 1 1.25-.35l3.1.9a1.25 1.25 0 0 1 .9 1.2v2.15A1.75 1.75 0 0 1 18.5 20C10.5 20 4 13.5 4 5.5ZM14.25 6.5l2.1 2.1 4.15-4.1",
  },
  building: {
    lines:
      "M7 3.75h10a1.75 1.75 0 0 1 1.75 1.75v13a1.75 1.75 0 0 1-1.75 1.75H7a1.75 1.75 0 0 1-1.75-1.75v-13A1.75 1.75 0 0 1 7 3.75ZM10 20.25v-3.5h4v3.5",
    dots: "M8.3 8a0.95 0.95 0 1 0 1.9 0a0.95 0.95 0 1 0 -1.9 0ZM13.8 8a0.95 0.95 0 1 0 1.9 0a0.95 0.95 0 1 0 -1.9 0ZM8.3 12a0.95 0.95 0 1 0 1.9 0a0.95 0.95 0 1 0 -1.9 0ZM13.8 12a0.95 0.95 0 1 0 1.9 0a0.95 0.95 0 1 0 -1.9 0Z",
  },
  "eye-off": {
    lines:
      "M4 12s3-5.75 8-5.75S20 12 20 12s-3 5.75-8 5.75S4 12 4 12ZM9.5 12a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0M4.5 4.5l15 15",
  },
  "user-plus": {
    lines:
      "M6.25 8.25a3.75 3.75 0 1 0 7.5 0a3.75 3.75 0 1 0 -7.5 0M3.25 19.75c.5-3.5 3.2-5.5 6.75-5.5s6.25 2 6.75 5.5M18.75 8.25v5M16.25 10.75h5",
  },
  user: {
    lines:
      "M8.25 8.25a3.75 3.75 0 1 0 7.5 0a3.75 3.75 0 1 0 -7.5 0M4.75 19.75c.6-3.6 3.5-5.5 7.25-5.5s6.65 1.9 7.25 5.5",
  },
} satisfies Record<string, { lines: string; dots?: string }>;

export type IconName = keyof typeof DRAWN;

interface IconProps {
  name: IconName;
  size?: number;
  class?: string;
}

export function Icon({ name, size = 18, class: className }: IconProps) {
  const drawn: { lines: string; dots?: string } = DRAWN[name];
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 24 24" fill="none" class={className}>
      <path d={drawn.lines} stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" />
      {drawn.dots !== undefined && <path d={drawn.dots} fill="currentColor" />}
    </svg>
  );
}

/** Callbook's mark. */
export function Mark({ size }: { size: number }) {
  return (
    <svg class="mark" aria-hidden="true" width={size} height={size} viewBox="0 0 24 24" fill="none">
      <rect x="16" y="5.5" width="6.5" height="5" rx="1.75" fill="#8e9aee" />
      <rect x="16" y="13.5" width="6.5" height="5" rx="1.75" fill="#8e9aee" />
      <rect x="1.5" y="1.5" width="18.5" height="21" rx="5" fill="#4350c8" />
      <path d="M14.59 8.41a5.4 5.4 0 1 0 0 7.18" stroke="#fff" stroke-width="2.2" stroke-linecap="round" />
      <circle cx="10.6" cy="12" r="1.9" fill="#fff" />
    </svg>
  );
}

const SPOKES = "M12 12V3M12 12l7.79-4.5M12 12l7.79 4.5M12 12v9M12 12l-7.79 4.5M12 12 4.21 7.5";
const KNOBS: readonly [number, number][] = [
  [12, 3],
  [19.79, 7.5],
  [19.79, 16.5],
  [12, 21],
  [4.21, 16.5],
  [4.21, 7.5],
];

/** The sign of HubSpot: on every contact that comes from there, and on no other. */
export function HubSign({ size }: { size: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 24 24" fill="none">
      <path d={SPOKES} stroke="currentColor" stroke-width="1.5" stroke-linecap="round" />
      {KNOBS.map(([x, y]) => (
        <circle key={`${x},${y}`} cx={x} cy={y} r="2.5" fill="currentColor" />
      ))}
      <circle cx="12" cy="12" r="4" fill="currentColor" />
    </svg>
  );
}
