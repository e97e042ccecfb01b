// The page at /chat/: Converse.js, set up for the server that serves it and for no other.
import converse from './converse/converse.min.js';

const page = new URL('.', import.meta.url);
const socket = new URL('/ws-xmpp', page);
socket.protocol = page.protocol === 'https:' ? 'wss:' : 'ws:';

const bosh = new URL('/http-bind', page);

// Some proxies let no WebSocket through: then the page talks by requests, in BOSH.
function opens(url) {
    return new Promise(resolve => {
        const trial = new WebSocket(url, 'xmpp');
        const limit = setTimeout(() => done(false), 5000);
        function done(outcome) {
            clearTimeout(limit);
            trial.onopen = trial.onerror = null;
            trial.close();
            resolve(outcome);
        }
        trial.onopen = () => done(true);
        trial.onerror = () => done(false);
    });
}

const hasWebSocket = await opens(socket);

// "alice" is enough where the page's own host name is a domain of the server; on a bare address the whole JID is typed.
const isAddress = /^[\d.]+$|:/.test(page.hostname);
const domain = isAddress ? undefined : page.hostname;

function element(content) {
    return class extends HTMLElement {
        connectedCallback() {
            this.innerHTML = content;
        }
    };
}

converse.plugins.add('meerkat-page', {
    dependencies: ['converse-register'],

    initialize() {
        // After a registration it logs in with the password as it was escaped for XML: one with "&" or "<" in it would be a wrong one.
        const form = this._converse.exports.RegistrationForm.prototype;
        const { setFieldsFromLegacy } = form;
        form.setFieldsFromLegacy = function (query) {
            setFieldsFromLegacy.call(this, query);
            for (const field of query.children) {
                if (field.tagName.toLowerCase() in this.fields) {
                    this.fields[field.tagName.toLowerCase()] = field.textContent;
                }
            }
        };

        const { disco, elements, listen, settings, trigger } = this._converse.api;

        // Before it opens a chat Converse waits for the list of blocked addresses, and without end where a server keeps none (XEP-0191).
        listen.on('discoInitialized', async () => {
            if (!await disco.supports('urn:xmpp:blocking', this._converse.session.get('domain'))) {
                trigger('blocklistInitialized', new converse.env.Collection());
            }
            // So do links to rooms for bookmarks, which are kept in PEP (XEP-0402).
            if (!await disco.supports('http://jabber.org/protocol/pubsub#publish-options', this._converse.session.get('bare_jid'))) {
                settings.set('allow_bookmarks', false);
            }
        });

        // It keeps the emoji that are used most in PEP (XEP-0163), which the server does not have: as if they were fetched already.
        listen.on('afterResourceBinding', () => {
            const { session } = this._converse;
            session.set(`converse.popular_emojis_frequencies.${session.get('bare_jid')}-fetched`, true);
        });


        elements.define('converse-brand-logo', element(`<header class="meerkat-heading">
            <h1>Meerkat</h1>
            <p>Chat on ${page.hostname}</p>
        </header>`));

        // Converse's own footer loads its sponsors' pictures from their sites.
        elements.define('converse-footer', element(`<footer class="meerkat-footer">
            This page is <a href="https://conversejs.org" target="_blank" rel="noopener noreferrer">Converse.js</a> ${converse.env.VERSION_NAME},
            free software under the <a href="converse/LICENSE" target="_blank" rel="noopener">Mozilla Public License 2.0</a>
            (<a href="https://github.com/conversejs/converse.js" target="_blank" rel="noopener noreferrer">source</a>,
            <a href="converse/licences.txt" target="_blank" rel="noopener">what it is built from</a>).
            Any other XMPP client works with this server too.
        </footer>`));

        // Links to Converse's own site; the footer has them.
        elements.define('converse-controlbox-navbar', element(''));
    },
});

converse.initialize({
    whitelisted_plugins: ['meerkat-page'],
    // Its encryption is a separate library under the GPL, which this page does not carry.
    blacklisted_plugins: ['converse-omemo', 'converse-omemo-views'],

    view_mode: 'fullscreen',
    assets_path: new URL('converse', page).pathname,
    notification_icon: new URL('converse/images/logo/conversejs-filled.svg', page).pathname,
    play_sounds: false,

    // Which of them it is, is found out when the page is loaded; a connection that breaks is made again in the same way.
    websocket_url: hasWebSocket ? socket.href : undefined,
    bosh_service_url: bosh.href,
    discover_connection_methods: false,
    default_domain: domain,
    allow_registration: true,
    registration_domain: domain ?? '',
    domain_placeholder: 'example.org',

    // No directories of other servers, media players or link previews of other sites.
    xmpp_providers_url: '',
    autocomplete_providers_url: '',
    embed_3rd_party_media_players: false,
    fetch_url_headers: false,
    render_media: false,
});
