"""The few icons of the house: 24 × 24, drawn in one stroke, always beside a word.

Each value is the inner markup of an SVG without style attribute (CSP).
"""

from __future__ import annotations

ICONS: dict[str, str] = {
    "add": '<path d="M12 5v14M5 12h14"/>',
    "admin": '<path d="M4 7h10M18 7h2M4 17h2M10 17h10"/><circle cx="16" cy="7" r="2"/><circle cx="8" cy="17" r="2"/>',
    "agenda": '<path d="M4 6h2M4 12h2M4 18h2M10 6h10M10 12h10M10 18h10"/>',
    "alert": '<path d="M12 4 2.8 20h18.4L12 4Z"/><path d="M12 10v4.5M12 17.2v.3"/>',
    "archive": '<path d="M3 5h18v4H3zM5 9v10h14V9M10 13h4"/>',
    "back": '<path d="M19 12H5M11 6l-6 6 6 6"/>',
    "book": '<path d="M12 6c-2-1.5-5-2-8-1.5v14c3-.5 6 0 8 1.5 2-1.5 5-2 8-1.5v-14c-3-.5-6 0-8 1.5Z"/>'
    '<path d="M12 6v14"/>',
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M3.5 10h17M8 3v4M16 3v4"/>',
    "chart": '<path d="M4 20h16M7 16v-5M12 16V6M17 16v-8"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "chevron": '<path d="m7 10 5 5 5-5"/>',
    "circle": '<circle cx="12" cy="12" r="8"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>',
    "close": '<path d="M6 6l12 12M18 6 6 18"/>',
    "dash": '<path d="M6 12h12"/>',
    "document": '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/>',
    "down": '<path d="M12 5v14M6 13l6 6 6-6"/>',
    "download": '<path d="M12 4v11M7 11l5 5 5-5M4 20h16"/>',
    "edit": '<path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4"/>',
    "eye": '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/>'
    '<circle cx="12" cy="12" r="3"/>',
    "eye-off": '<path d="M9.5 5.9A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-2.6 3.3M6.5 7.5A16 16 0 0 0 '
    '2.5 12S6 18.5 12 18.5a9 9 0 0 0 4.3-1.1"/><path d="M4 4l16 16"/>',
    "filter": '<path d="M3.5 5h17l-6.5 8v6l-4-2v-4z"/>',
    "forward": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "groups": '<circle cx="9" cy="8" r="3.2"/><path d="M3 19c.4-3.5 2.8-5.5 6-5.5s5.6 2 6 5.5"/>'
    '<path d="M15.5 5.2a3.2 3.2 0 0 1 0 5.8M17 13.8c2.3.6 3.7 2.4 4 5.2"/>',
    "handshake": '<path d="M3 8l4-2 5 2 5-2 4 2v7l-4 1-4.5 3.5a1.5 1.5 0 0 1-2 0L6 16l-3-1z"/><path d="m12 8-3 4 '
    '3 1 3-1.5 3 2.5"/>',
    "help": '<circle cx="12" cy="12" r="8.5"/><path d="M9.7 9.7a2.4 2.4 0 1 1 3.5 2.2c-.8.4-1.2.9-1.2 '
    '1.8M12 16.6v.3"/>',
    "history": '<path d="M4 12a8 8 0 1 0 2.6-5.9L4 8.5M4 4v4.5h4.5"/><path d="M12 8v4.3l2.8 1.7"/>',
    "home": '<path d="M4 11.5 12 5l8 6.5V20h-5.5v-5h-5v5H4z"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 7.7V8"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="m11 12 8-8M16 7l3 3"/>',
    "lock": '<rect x="5" y="10.5" width="14" height="9.5" rx="2"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>',
    "mail": '<rect x="3" y="5.5" width="18" height="13" rx="2"/><path d="m4 7 8 6 8-6"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "merge": '<path d="M6 4v4a6 6 0 0 0 6 6M18 4v4a6 6 0 0 1-6 6v6"/>',
    "pause": '<path d="M8.5 6v12M15.5 6v12"/>',
    "person": '<circle cx="12" cy="8" r="3.7"/><path d="M5 20c.5-4 3.3-6.3 7-6.3s6.5 2.3 7 6.3"/>',
    "phone": '<rect x="7" y="3" width="10" height="18" rx="2"/><path d="M11 17.8h2"/>',
    "pin": '<path d="M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11Z"/><circle cx="12" cy="10" r="2.3"/>',
    "play": '<path d="M8 5.5v13l11-6.5z"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z"/>',
    "question": '<path d="M8.5 9a3.5 3.5 0 1 1 5.2 3c-1.2.7-1.7 1.4-1.7 2.7M12 18.5v.3"/>',
    "room": '<rect x="3" y="4" width="18" height="12" rx="1.5"/><path d="M12 16v4M8 20h8"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5"/>',
    "send": '<path d="M4 12 20 4l-5 16-3.5-6.5zM11.5 13.5 20 4"/>',
    "shield": '<path d="M12 3.5 5 6v5.5c0 4.3 2.9 7.5 7 9 4.1-1.5 7-4.7 7-9V6z"/>',
    "square": '<rect x="5" y="5" width="14" height="14" rx="1.5"/>',
    "switch": '<path d="M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4"/>',
    "task": '<rect x="4" y="4" width="16" height="16" rx="2"/><path d="m8 12.3 2.8 2.7L16 9.5"/>',
    "up": '<path d="M12 19V5M6 11l6-6 6 6"/>',
    "upload": '<path d="M12 16V5M7 9l5-5 5 5M4 20h16"/>',
}
