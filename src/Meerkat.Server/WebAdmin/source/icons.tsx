import type { JSX } from 'preact';

// Our own, on a grid of 24, drawn with one stroke.
const paths = {
    dashboard: 'M4 13h6V4H4zM14 20h6v-9h-6zM14 4v3h6V4zM4 17v3h6v-3z',
    domain: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18',
    users: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-3.500 2.500-6 6-6s6 2.500 6 6M16 4.500a3.500 3.500 0 0 1 0 6M18 14.500c2 .8 3 2.800 3 5.500',
    sessions: 'M4 5h16v11H4zM9 20h6M12 16v4',
    rooms: 'M4 5h11v8H9l-3 3v-3H4zM18 9h2v8h-2v3l-3-3h-5',
    settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M14 4.500v5M10 14.500v5',
    log: 'M5 4h14v16H5zM9 9h6M9 13h6M9 17h3',
    menu: 'M4 7h16M4 12h16M4 17h16',
    close: 'M6 6l12 12M18 6L6 18',
    back: 'M14 6l-6 6 6 6',
    out: 'M14 4h5v16h-5M4 12h11M11 8l4 4-4 4',
    light: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600L19 19M5 19l1.400-1.400M17.600 6.400L19 5',
    dark: 'M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z',
    alert: 'M12 4l9 16H3zM12 10v4M12 17v.5',
    check: 'M5 12.500l5 5 9-11',
    inbox: 'M4 13l3-8h10l3 8v6H4zM4 13h5l1 3h4l1-3h5',
    search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.500 4.500',
    show: 'M2.500 12s3.500-6 9.500-6 9.500 6 9.500 6-3.500 6-9.500 6-9.500-6-9.500-6zM12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z',
    hide: 'M4 4l16 16M9.500 6.400A9.600 9.600 0 0 1 12 6c6 0 9.500 6 9.500 6a17 17 0 0 1-3 3.600M6 8a17 17 0 0 0-3.500 4S6 18 12 18c1.500 0 2.800-.4 4-.9',
    lock: 'M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3',
    plus: 'M12 5v14M5 12h14',
    device: 'M8 3h8v18H8zM11 18h2',
} as const;

export type IconName = keyof typeof paths;

export function Icon(props: { name: IconName }): JSX.Element {
    return <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={paths[props.name]} /></svg>;
}

export function Logo(): JSX.Element {
    return <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="8" /><path d="M7 24V9.500c0-.9 1.100-1.300 1.700-.6L16 17l7.300-8.100c.6-.7 1.700-.3 1.700.6V24" /></svg>;
}
