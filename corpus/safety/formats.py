"""Keys told by the mark that their service begins them with, wherever they stand.

The marks are from what services say of their keys, and from the rules of gitleaks and trufflehog
(their forms, not their text). Kingfisher knows most of them too, but wants certain characters
behind a key and much entropy in it; a mark that nothing else bears needs neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.safety.anchors import Anchored
from corpus.safety.findings import Finding
from corpus.safety.letters import are_drawn
from corpus.safety.measures import is_no_name
from corpus.safety.stand_ins import is_stand_in
from corpus.safety.values import is_random, is_uuid

# What stands behind these is a key, if it is long enough and not made of words.
_MARKS = b"""
    ops_eyJ p8e- AGE-SECRET-KEY- sk-ant- ABSK CLOJARS_ doo_v1_ dop_v1_ dor_v1_
    dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit. duffel_test_ duffel_live_ dt0c01. dt0s01. dt0s16.
    EZAK EZTK FLWSECK- FLWSECK_TEST- fo1_ fm1r_ fm1a_ fm2_ fio-u- AIzaSy ghp_ gho_ ghu_ ghs_ ghr_
    github_pat_ glpat- glcbt- gldt- glffct- glft- glimt- glagent- gloas- glptt- glrt- glrtr- glsoat-
    glwt- GR1348941 _gitlab_session= glc_ glsa_ hvs. hvb. hvr. HRKU-AA hf_ api_org_ ico- s-s4t2ud-
    s-s4t2af- lin_api_ lin_oauth_ ntn_ npm_ sk-proj- sk-svcacct- sk-admin- sk-service- pplx-
    pscale_tkn_ pscale_oauth_ pscale_pw_ pscale_otkn_ PMAK- pnu_ pnb_ pul- pypi-ag rdme_ rubygems_
    tk-us- xkeysib- xsmtpsib- sntrys_ sntryu_ sntrya_ sm_aat_ sm_pat_ sm_sat_ shippo_live_
    shippo_test_ shpat_ shpca_ shppa_ shpss_ shpua_ xapp- xoxb- xoxp- xoxe- xoxe.xox xoxa- xoxr-
    xoxo- xoxs- xoxc- xoxd- sgp_ slk_ sgd_ sq0atp- sq0csp- sq0idp- sk_live_ rk_live_ sk_test_
    rk_test_ sk_prod_ rk_prod_ whsec_ aio_ apify_api_ ATCTT3 ATATT3 ATBB bb_pr_ bb_ma_ bkua_ bkaj_
    bkat_ CCIPAT_ CCIPRJ_ cfut_ cfat_ cfk_ CFPAT- ddp_ ddw_ dckr_pat_ dckr_oat_ endr+ flb_live_
    shltm_ GOCSPX- ya29. pat-na1- pat-eu1- pat-na2- lsv2_pt_ lsv2_sk_ NRBR- NRII- NRIQ- NRAK- NRRA-
    nvapi- sk-or-v1- ak_live_ ak_test_ pcsk_ phx_ ramp_sec_ rzp_live_ rzp_test_ r8_ rh-api- rootly_
    salad_cloud_ 3MVG9 5AEP861 sqco_ squ_ sqp_ sqa_ sbp_ sb_secret_ tskey- tfp_ BBFF- VF.DM. VF.WS.
    xai- gsk_ alcht_ tkn.v1_ scp-live- scp-test- access-production- access-sandbox-
    access-development- sk-lf- figd_ figo_ figoh_ figor_ figu_ figp_ nfp_ nfc_ nfu_ nfo_ nfb_ ptr_
    hcaik_ hcalk_ tvly- e2b_ jina_ tgp_v1_ csk- cpk_ dckr_ amzn.mws. amzn1.mws.
    amzn1.oa2-cs.v1. AKCp8 cmVmdGtu thog-key- thog-secret- sk_pr_
    IQoJb3JpZ2luX2Vj FwoGZXIvYXdz bedrock-api-key- eyJrIjoi pdus+ octopus_ ccat_ logdna_
"""
_BODY = re.compile(rb"(?:[\w-]|[.+/=~:%](?=[\w+/=-])){12,3000}={0,2}")
# Where the rest of an address begins behind a key.
_PATH = re.compile(rb"/[a-z]{2,20}(?:[/?.#]|\Z)")
# Short marks, and those in the middle or at the end: the whole must be as the service draws it.
_FORMS = rb"""
    (?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[A-Z0-9]{16}
    A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}
    pat[A-Za-z0-9]{14}\.[0-9a-f]{64} [ps]at\.[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}
    LTAI[A-Za-z0-9]{12,24} AKID[A-Za-z0-9]{32} AKC[A-Za-z0-9]{69,72} cmVmd[A-Za-z0-9]{59}
    (?:sc|ext|scauth|authress)_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[\w-]{10,33}\.[\w+/=-]{30,120}
    [\w~.]{3}\dQ~[\w~.-]{31,34} dapi[0-9a-f]{32}(?:-\d)? v1\.0-[0-9a-f]{24}-[0-9a-f]{146}
    4b1d[A-Za-z0-9]{38} EAA[A-Z][\w-]{56,400} [A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}
    [A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk (?:API|Api)-[A-Z0-9]{25,32} (?:api|sdk|mob)-<uuid>
    sk-[\w-]{20,90}T3BlbkFJ[\w-]{20,90} sha256~[\w-]{43} SG\.[\w-]{16,32}\.[\w-]{16,64}
    SK[0-9a-f]{32} sk[A-Za-z0-9]{79} sk-[A-Za-z0-9]{32,64} sk_[0-9a-f]{32,48}
    sk\.eyJ[\w-]{40,200}\.[\w-]{20,30} sk_(?:test_)?<uuid> sk_\d{4}_\d{6}_[0-9a-f]{32}
    s\.(?=\w{0,22}\d)(?=\w{0,22}[A-Z])[A-Za-z0-9]{24} api_[A-Za-z0-9.]{45} API_KEY[0-9A-Z]{32}
    [0-9a-f]{32}-us\d{1,2} (?:[0-9a-f]{32,36}|eu01xx[0-9a-f]{26,30})(?:FFFF)?NRAL
    (?:AA[0-9a-f]{40}|eu01xx[0-9a-f]{36})-NRMA NF-[A-Za-z0-9]{32}
    key-(?:[0-9a-f]{32}|[A-Za-z0-9]{64}) secret_[A-Za-z0-9]{43} (?:live|test)_[0-9a-f]{35}
    live_[\w-]{40} (?:live|test)_[A-Za-z0-9]{27} 00[A-Za-z0-9]{13}![A-Za-z0-9_.]{96}
    1000\.[0-9a-f]{32}\.[0-9a-f]{32} KEY[\w-]{55} pri_[0-9a-f]{32} pk_\d{7,9}_[0-9A-Z]{32}
    1//0[\w-]{30,120} [A-Za-z0-9+/]{42}\+ACR[A-Za-z0-9]{6}
    ATTA[0-9a-f]{64}[0-9A-F]{8} nsec1[02-9ac-hj-np-z]{58} [A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{24,26}
    [A-Za-z0-9+/]{76}\+?(?:ASt|AIoT|APIM|AzFu|ACDb|ABa|AMC|AzSe)[A-Za-z0-9+/]{5,10}={0,2}
    [A-Za-z0-9]{33}AzCa[A-Za-z0-9]{5,6}=
    \d{8,10}:AA[\w-]{32,34} [\w-]{8,30}:APA91b[\w-]{100,160} A{20,23}[A-Za-z0-9%]{40,120}
    [MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,40} fc-[0-9a-f]{32}
    re_[A-Za-z0-9]{6,10}_[A-Za-z0-9]{20,26} pi_[A-Za-z0-9]{24}_secret_[A-Za-z0-9]{25}
    [A-Za-z0-9]{22}tt-\d{6}-[\w-]{20} oy2[a-z0-9]{43} cio[A-Za-z0-9]{32}
    (?=(?:[A-Z-]{0,28}\d){2})(?=(?:[\d-]{0,28}[A-Z]){6})[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}
    \d/\d{16}(?:/\d{16})?:[0-9a-f]{32} [0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8} \d{6}-<uuid>
    ey[\w-]{15,4000}(?:=|%3D){0,2}\.(?:ey[\w-]{15,8000}(?:=|%3D){0,2}\.[\w-]{8,2000}|[\w-]{0,2000}\.[\w-]{10,200}\.[\w-]{10,8000}\.[\w-]{10,200})
"""
_UUID = rb"[0-9a-z]{8}-(?:[0-9a-z]{4}-){3}[0-9a-z]{12}"
_EXACT = re.compile(
    rb"(?:" + b"|".join(_FORMS.replace(b"<uuid>", _UUID).split()) + rb")(?![A-Za-z0-9])"
)
_HEX = re.compile(r"(?:[0-9a-f]{16,}|[0-9A-F]{16,})")
# Where a key may begin: not in the middle of a word, but for an escape before it (`\nghp_...`).
_BEGIN = re.compile(rb"(?<![A-Za-z0-9])(?=[A-Za-z0-9])|(?:(?<=\\[nrt])|(?<=/bot))(?=[A-Za-z0-9])")
# In the middle of a file in base64 any mark may stand.
_LONGEST_WITH_MARK = 400
_JOINT = re.compile(rb"[+/]")
_WRITTEN = {mark.lower(): mark for mark in _MARKS.split()}

ANCHORS = tuple(_WRITTEN)


def find_formats(anchored: Anchored) -> Iterator[Finding]:
    """Yield keys that begin with a mark of their service."""
    text = anchored.text
    for anchor in sorted(anchored.of(_WRITTEN.keys())):
        mark = _WRITTEN[anchor]
        for at in anchored.at([anchor]):
            if text.startswith(mark, at) and _BEGIN.match(text, at):
                yield from _behind(text, at, at + len(mark))


def _behind(text: bytes, start: int, end: int) -> Iterator[Finding]:
    body = _BODY.match(text, end)
    if body is None:
        return
    path = _PATH.search(body[0])
    drawn = body[0][: path.start()] if path else body[0]
    if _is_drawn(drawn.decode()):
        yield Finding(start, end + len(drawn), "secret", "format")


def _is_drawn(body: str) -> bool:
    if len(body) < 12 or is_stand_in(body):
        return False
    return is_uuid(body[:36]) or bool(_HEX.fullmatch(body)) or is_random(body, 12)


def exact_format(text: bytes, start: int, end: int) -> re.Match[bytes] | None:
    """Return a key of a known form in a stretch of a text that has no space, if there is one."""
    for begin in _BEGIN.finditer(text, start, end):
        if (
            end - start > _LONGEST_WITH_MARK
            and begin.start() > start
            and _JOINT.match(text, begin.start() - 1)
        ):
            continue
        match = _EXACT.match(text, begin.start(), end)
        if match and _is_no_word(match[0].decode()):
            return match
    return None


def _is_no_word(key: str) -> bool:
    return (is_no_name(key) or are_drawn(key, 12)) and not is_stand_in(key)
