// Light or dark: as the system says until somebody chooses. The choice is no secret and stays in the browser.
const key = 'meerkat-admin-theme';

function chosen(): string | null {
    try {
        return localStorage.getItem(key);
    } catch {
        return null;
    }
}

export function theme(): 'light' | 'dark' {
    const found = chosen();
    return found === 'light' || found === 'dark' ? found : matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

export function applyTheme(): void {
    document.documentElement.dataset.theme = theme();
}

export function nextTheme(): 'light' | 'dark' {
    const next = theme() === 'dark' ? 'light' : 'dark';
    try {
        localStorage.setItem(key, next);
    } catch {
        // then it lasts until the page is left
    }
    document.documentElement.dataset.theme = next;
    return next;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyTheme);
