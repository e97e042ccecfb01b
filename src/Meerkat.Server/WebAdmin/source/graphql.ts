import { end, session, signedIn } from './session';

/** What the server refuses, with its code. */
export class Refusal extends Error {
    constructor(message: string, readonly code: string) {
        super(message);
    }
}

interface Answer<T> {
    data?: T;
    errors?: { message: string; extensions?: { code?: string } }[];
}

export async function post<T>(endpoint: string, authorization: string, query: string, variables: object, signal?: AbortSignal): Promise<T> {
    let response: Response;
    try {
        response = await fetch(endpoint, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', Accept: 'application/json', Authorization: authorization },
            body: JSON.stringify({ query, variables }),
            credentials: 'omit',
            cache: 'no-store',
            ...(signal ? { signal } : {}),
        });
    } catch (failure) {
        if (signal?.aborted) {
            throw failure;
        }
        throw new Refusal('The server cannot be reached. It may be restarting; try again in a moment.', 'unreachable');
    }
    const answer = (await response.json().catch(() => ({}))) as Answer<T>;
    const error = answer.errors?.[0];
    if (error) {
        throw new Refusal(error.message, error.extensions?.code ?? 'unknown');
    }
    if (!answer.data) {
        throw new Refusal(`The server answered with ${response.status}.`, 'unknown');
    }
    return answer.data;
}

const wrong = 'Your password is no longer right. Sign in again.';

/** Asks as whoever is signed in; a password that is no longer right ends the session. */
export async function ask<T>(query: string, variables: object = {}, signal?: AbortSignal): Promise<T> {
    const { endpoint, authorization } = signedIn();
    try {
        return await post<T>(endpoint, authorization, query, variables, signal);
    } catch (failure) {
        if (failure instanceof Refusal && failure.code === 'wrong_credentials' && session()?.authorization === authorization) {
            end(wrong);
        }
        throw failure;
    }
}

export type StreamState = 'connecting' | 'live' | 'waiting';

/** Follows a subscription until it is told to stop; a stream that breaks off is opened again, later each time. */
export function follow<T>(query: string, variables: object, onEvent: (data: T) => void, onState: (state: StreamState) => void): () => void {
    const stop = new AbortController();
    const run = async () => {
        let pause = 1000;
        while (!stop.signal.aborted) {
            try {
                const { endpoint, authorization } = signedIn();
                const address = `${endpoint}/sse?${new URLSearchParams({ query, variables: JSON.stringify(variables) })}`;
                const response = await fetch(address, { headers: { Accept: 'text/event-stream', Authorization: authorization }, credentials: 'omit', cache: 'no-store', signal: stop.signal });
                if (response.ok && response.headers.get('Content-Type')?.startsWith('text/event-stream') && response.body) {
                    pause = 1000;
                    onState('live');
                    await readEvents<T>(response.body, onEvent);
                } else if (response.status === 401) {
                    const refused = (await response.json().catch(() => ({}))) as Answer<T>;
                    if (refused.errors?.[0]?.extensions?.code === 'wrong_credentials' && session()?.authorization === authorization) {
                        end(wrong);
                        return;
                    }
                }
            } catch {
                // as when the server restarts: once more, below
            }
            if (!stop.signal.aborted) {
                onState('waiting');
                await new Promise((resume) => setTimeout(resume, pause));
                pause = Math.min(pause * 2, 30_000);
            }
        }
    };
    onState('connecting');
    void run();
    return () => stop.abort();
}

async function readEvents<T>(body: ReadableStream<Uint8Array>, onEvent: (data: T) => void): Promise<void> {
    const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
    let rest = '';
    for (;;) {
        const { done, value } = await reader.read();
        if (done) {
            return;
        }
        rest += value;
        for (let at = rest.indexOf('\n\n'); at >= 0; at = rest.indexOf('\n\n')) {
            const data = rest.slice(0, at).split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim()).join('\n');
            rest = rest.slice(at + 2);
            if (data) {
                const answer = JSON.parse(data) as Answer<T>;
                if (answer.data) {
                    onEvent(answer.data);
                }
            }
        }
    }
}
