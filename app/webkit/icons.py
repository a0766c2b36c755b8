"""The icons: a 24 grid, 1.75 strokes, drawn by the server. Never without a word beside them."""

from markupsafe import Markup

PATHS = {
    "back": '<path d="M14.5 5.5L8 12l6.5 6.5"/>',
    "bell": '<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5a2 2 0 0 0 4 0"/>',
    "boards": '<path d="M4 20v-6h5v6M9 20V7h6v13M15 20v-9h5v9M3 20h18"/>',
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="3"/><path d="M3.5 10h17M8 3v4M16 3v4"/>',
    "camera": '<path d="M4 8h3.5L9 5.5h6L16.5 8H20v11H4z"/><circle cx="12" cy="13" r="3.5"/>',
    "chart": '<path d="M4 4v16h16M7.5 15l4-4.5 3 2.5 5-6"/>',
    "check": '<path d="M4.5 12.5l5 5 10-11"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>',
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
    "copy": '<rect x="8.5" y="8.5" width="12" height="12" rx="2.5"/><path d="M15.5 8.5V6A2.5 2.5 0 0 0 13 3.5H6A2.5 2.5 0 0 0 3.5 6v7A2.5 2.5 0 0 0 6 15.5h2.5"/>',
    "download": '<path d="M12 4v11M7.5 11L12 15.5l4.5-4.5M4.5 20h15"/>',
    "edit": '<path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4"/>',
    "exit": '<path d="M14 4h5v16h-5M3.5 12H15M11 8l4 4-4 4"/>',
    "hand": '<path d="M7 12.5V7a1.5 1.5 0 0 1 3 0v4-6a1.5 1.5 0 0 1 3 0v6-4.5a1.5 1.5 0 0 1 3 0V12l0-2.5a1.5 1.5 0 0 1 3 0V15c0 3.5-2.5 6-6 6-3 0-4.5-1.5-6-4l-2.6-4a1.5 1.5 0 0 1 2.6-1.6"/>',
    "heart": '<path d="M12 20c-5-3.6-8-6.6-8-10.4A4.4 4.4 0 0 1 12 7a4.4 4.4 0 0 1 8 2.6C20 13.4 17 16.4 12 20z"/>',
    "home": '<path d="M4 11l8-7 8 7v8a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 19z"/><path d="M9.5 20.5v-6h5v6"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5v.1"/>',
    "keyboard": '<rect x="3" y="6.5" width="18" height="11" rx="2.5"/><path d="M7 10.5h.1M10.3 10.5h.1M13.7 10.5h.1M17 10.5h.1M8 14h8"/>',
    "light": '<path d="M8 3.5h8v3.5l-2 3v10.5h-4V10L8 7zM8 7h8M12 13v2.5"/>',
    "lock": '<rect x="5" y="10.5" width="14" height="10" rx="2.5"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>',
    "me": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.8-4 3.7-6 7.5-6s6.7 2 7.5 6"/>',
    "medal": '<circle cx="12" cy="14.5" r="5.5"/><path d="M8.5 9.5L5.5 3.5h13l-3 6M12 12.5v4"/>',
    "money": '<circle cx="12" cy="12" r="9"/><path d="M8.5 7.5L12 12l3.5-4.5M12 12v5M9 12.5h6M9 15h6"/>',
    "more": '<circle cx="5.5" cy="12" r="1.25"/><circle cx="12" cy="12" r="1.25"/><circle cx="18.5" cy="12" r="1.25"/>',
    "mute": '<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5"/>',
    "next": '<path d="M9.5 5.5L16 12l-6.5 6.5"/>',
    "no": '<circle cx="12" cy="12" r="9"/><path d="M8.5 8.5l7 7M15.5 8.5l-7 7"/>',
    "offline": '<path d="M3 3l18 18M8.5 15.5a5 5 0 0 1 5.5-1M5 12a10 10 0 0 1 4.5-2.6M13.5 9a10 10 0 0 1 5.5 3M2.5 8.5a14 14 0 0 1 4-2.5M11 5a14 14 0 0 1 10.5 3.5M12 19v.1"/>',
    "paper": '<path d="M6 3.5h8l4.5 4.5v12.5H6zM13.5 3.5v5h5M9 13h6M9 16.5h4"/>',
    "people": '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.5c.6-3.5 3-5.5 6.5-5.5s5.9 2 6.5 5.5M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.6c2 .9 3.2 2.5 3.5 4.9"/>',
    "phone": '<rect x="7" y="2.5" width="10" height="19" rx="2.5"/><path d="M11 18.5h2"/>',
    "photo": '<rect x="3.5" y="5" width="17" height="14" rx="3"/><circle cx="9" cy="10" r="1.5"/><path d="M4.5 17.5l5-4.5 3 2.5 3-3.5 4.5 5"/>',
    "place": '<path d="M12 21c4.5-4.7 7-8 7-11a7 7 0 0 0-14 0c0 3 2.5 6.3 7 11z"/><circle cx="12" cy="10" r="2.5"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "print": '<path d="M7 8.5V3.5h10v5M7 16.5H4v-8h16v8h-3M7 13.5h10v7H7z"/>',
    "qr": '<rect x="4" y="4" width="6.5" height="6.5" rx="1.5"/><rect x="13.5" y="4" width="6.5" height="6.5" rx="1.5"/><rect x="4" y="13.5" width="6.5" height="6.5" rx="1.5"/><path d="M14 14h2.5v2.5M20 14v2M14 20h2M19.5 19.5h.5"/>',
    "scan": '<path d="M4 8.5V6a2 2 0 0 1 2-2h2.5M15.5 4H18a2 2 0 0 1 2 2v2.5M20 15.5V18a2 2 0 0 1-2 2h-2.5M8.5 20H6a2 2 0 0 1-2-2v-2.5M4 12h16"/>',
    "screen": '<rect x="3" y="4.5" width="18" height="12" rx="2"/><path d="M8.5 20h7M12 16.5V20"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
    "settings": '<circle cx="12" cy="12" r="3"/><path d="M12 3.5v3M12 17.5v3M3.5 12h3M17.5 12h3M6 6l2.1 2.1M15.9 15.9L18 18M18 6l-2.1 2.1M8.1 15.9L6 18"/>',
    "share": '<path d="M12 14.5V4M8 7.5L12 3.5l4 4M6 11.5H5v9h14v-9h-1"/>',
    "shield": '<path d="M12 3.5l7 2.5v5.5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6z"/><path d="M8.8 12l2.3 2.3 4.2-4.6"/>',
    "sound": '<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"/>',
    "star": '<path d="M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9L12 16.9 6.8 19.7l1-5.9L3.5 9.7l5.9-.8z"/>',
    "study": '<path d="M12 6.5C10 5 7 4.5 3.5 4.5v13.5c3.5 0 6.5.5 8.5 2 2-1.5 5-2 8.5-2V4.5C17 4.5 14 5 12 6.5zM12 6.5V20"/>',
    "trend": '<path d="M4 4v16h16M8 15.5l3.5-4.5 3 2.5L19 7.5"/>',
    "undo": '<path d="M8.5 5L4 9.5 8.5 14M4 9.5h10a5.5 5.5 0 0 1 0 11h-4"/>',
    "upload": '<path d="M12 16V5M7.5 9.5L12 5l4.5 4.5M4.5 20h15"/>',
    "walk": '<circle cx="13" cy="4.5" r="1.75"/><path d="M10 21l2-6-2.5-2.5L11 8l3 3h3M14 21l-2-6M11 8l-3.5 2L7 13"/>',
    "warn": '<path d="M12 4l9 16H3z"/><path d="M12 10v4.5M12 17.2v.1"/>',
    "work": '<path d="M4 6.5l1.5 1.5L8 5.5M4 12.5L5.5 14 8 11.5M4 18.5L5.5 20 8 17.5M11.5 7H20M11.5 13H20M11.5 19H20"/>',
    "yes": '<circle cx="12" cy="12" r="9"/><path d="M7.5 12.3l3.2 3.2 6-6.5"/>',
}
_DRAWN = {
    name: Markup('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(Markup(path)) for name, path in PATHS.items()
}


def icon(name: str) -> Markup:
    """An inline icon; raises KeyError for a name that is not in the set."""
    return _DRAWN[name]
