# Reads every message of this folder with Python's email package and prints what it says, in the form of expected.json.
import email, email.policy, glob, hashlib, html, json, os, re, sys


def quiet(read, otherwise):
    try:
        return read()
    except Exception:
        return otherwise


def people(message, name):
    def read():
        found = []
        for field in message.get_all(name, []):
            found += [[a.display_name, a.addr_spec] for a in field.addresses]
        return found
    return quiet(read, [])


def text(message):
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    content = body.get_content()
    if body.get_content_type() == "text/html":
        content = re.sub(r"(?s)<(style|script).*?</\1>|<[^>]*>", " ", content)
        content = html.unescape(content)
    return content


def file(part):
    content = part.get_content()
    if isinstance(content, str):
        content = content.rstrip("\n").encode(part.get_content_charset("utf-8"))
    elif not isinstance(content, bytes):
        content = content.as_bytes()
    return [part.get_filename(), hashlib.sha256(content).hexdigest()]


def attachments(message):
    return [quiet(lambda: file(part), None) for part in message.iter_attachments()]


result = {}
for path in glob.glob(os.path.join(sys.argv[1], "*.eml")):
    with open(path, "rb") as f:
        message = email.message_from_binary_file(f, policy=email.policy.default)
    result[os.path.basename(path)[:-4]] = {
        "subject": quiet(lambda: str(message["subject"] or ""), ""),
        "from": people(message, "from"),
        "to": people(message, "to"),
        "text": quiet(lambda: text(message), ""),
        "attachments": quiet(lambda: attachments(message), []),
    }
print(json.dumps(result))
