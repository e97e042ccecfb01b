// Who is signed in: in memory, and in sessionStorage so that a reload keeps it. Never in an address, a cookie or a log.
export interface Session {
    readonly name: string;
    readonly isGlobal: boolean;
    /** The domain of a domain's administrator; null for the server's. */
    readonly domain: string | null;
    readonly endpoint: string;
    readonly authorization: string;
}

const key = 'meerkat-admin';
let current: Session | null = read();
const listeners = new Set<(notice?: string) => void>();

function read(): Session | null {
    try {
        const kept = sessionStorage.getItem(key);
        return kept ? (JSON.parse(kept) as Session) : null;
    } catch {
        return null; // storage may be switched off; the session then ends with the page
    }
}

export function session(): Session | null {
    return current;
}

export function signedIn(): Session {
    if (!current) {
        throw new Error('Nobody is signed in');
    }
    return current;
}

export function begin(next: Session): void {
    current = next;
    try {
        sessionStorage.setItem(key, JSON.stringify(next));
    } catch {
        // as above
    }
    listeners.forEach((listener) => listener());
}

export function end(notice?: string): void {
    current = null;
    try {
        sessionStorage.removeItem(key);
    } catch {
        // as above
    }
    listeners.forEach((listener) => listener(notice));
}

export function onChange(listener: (notice?: string) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

/** The header of HTTP's Basic authentication, in UTF-8 (RFC 7617). */
export function basic(name: string, password: string): string {
    const bytes = new TextEncoder().encode(`${name}:${password}`);
    return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
