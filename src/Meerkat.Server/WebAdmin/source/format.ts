const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

export function count(value: number): string {
    return plain.format(value);
}

/** A rate or another number of which small ones matter. */
export function rate(value: number): string {
    return value >= 100 ? plain.format(value) : fine.format(value);
}

export function bytes(value: number): string {
    const units = ['B', 'KB', 'MB', 'GB', 'TB'];
    let unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
        value /= 1024;
        unit++;
    }
    return `${value >= 100 ? plain.format(value) : fine.format(value)} ${units[unit]}`;
}

export function duration(seconds: number): string {
    const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3600), Math.floor((seconds % 3600) / 60)];
    return days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min${seconds % 60 >= 1 ? ` ${Math.floor(seconds % 60)} s` : ''}` : `${Math.floor(seconds)} s`;
}

export function when(time: string | null | undefined): string {
    return time ? moment.format(new Date(time)) : '';
}

export function timeOfDay(time: string | number): string {
    return clock.format(new Date(time));
}

/** A password that nobody could guess: 120 random bits in letters and digits that are not mistaken for each other. */
export function madeUp(): string {
    const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
    const random = crypto.getRandomValues(new Uint8Array(24));
    return [...random].map((byte) => letters[byte & 31]).join('').replace(/(.{6})(?!$)/g, '$1-');
}
