"""Markdown of students that tries to run something in a page, or to call home, and honest one."""

import base64

import toy

RUNS = "window.ran=1;document.title=1;alert(1)"
OUT = "http://192.0.2.1"  # for documentation: nobody's (RFC 5737)
HOSTILE = {
    "script": f"<script>{RUNS}</script>",
    "onerror": f"text <img src=x onerror='{RUNS}'>",
    "onload": f"<svg onload='{RUNS}'><style onload='{RUNS}'></style></svg>",
    "details": f"<details open ontoggle='{RUNS}'>x</details>",
    "autofocus": f"<input autofocus onfocus='{RUNS}'><select autofocus onfocus='{RUNS}'>",
    "animation": f"<svg><animate onbegin='{RUNS}' attributeName=x dur=1s></svg>",
    "link": f"[a](javascript:{RUNS}) <a href='jav&#x61;script:{RUNS}'>b</a> <javascript:{RUNS}>",
    "reference": f"[a]\n\n[a]: javascript:{RUNS}",
    "data-link": f"[a](data:text/html;base64,PHNjcmlwdD4=) <a href='{OUT}' ping='{OUT}'>x</a>",
    "srcdoc": f"<iframe srcdoc='<script>parent.ran=1;{RUNS}</script>'></iframe>",
    "frame": f"<iframe src='javascript:parent.ran=1'></iframe><iframe src='{OUT}'></iframe>",
    "object": f"<object data='data:text/html,<script>{RUNS}</script>'></object>",
    "embed": f"<embed src='{OUT}/x.swf'>",
    "refresh": f"<meta http-equiv=refresh content='0;url={OUT}'><base href='{OUT}/'>",
    "style": f"<style>body{{background:url({OUT}/a)}}</style>",
    "style-attribute": f"<p style='background:url({OUT}/b);width:expression({RUNS})'>x</p>",
    "stylesheet": f"<link rel=stylesheet href='{OUT}/c.css'><link rel=prefetch href='{OUT}/d'>",
    "picture": f"![a]({OUT}/e.png) <img src='{OUT}/f.png' srcset='{OUT}/g.png 2x'>",
    "media": f"<video src='{OUT}/h' poster='{OUT}/i'></video><audio src='{OUT}/j' autoplay>",
    "table": f"<table background='{OUT}/k'><tr><td>x</table>",
    "form": f"<form action='{OUT}'><input name=a value=b><button autofocus>Go</button></form>",
    "unclosed": f"<!--<img src='--><img src=x onerror={RUNS}//'>",
    "mutation": f"<svg></p><style><a id='</style><img src=1 onerror={RUNS}>'>",
    "noscript": f"<noscript><p title='</noscript><img src=x onerror={RUNS}>'></noscript>",
    "mermaid": f"```mermaid\n<img src=x onerror='{RUNS}'>\n```",
    "formula": f"$\\href{{javascript:{RUNS}}}{{x}}$ $\\style{{background:url({OUT}/l)}}{{y}}$",
    "mathml": f"<math><maction xlink:href='javascript:{RUNS}'>x</maction></math>",
    "no-picture": "![a](attachment:none.png)",
    "closes": f"</div></div></div></body><script>{RUNS}</script>",
    "textarea": f"</textarea></pre></title><script>{RUNS}</script>",
    "plaintext": "<plaintext>",
}  # fmt: skip
HONEST = """# Why twice

A *mean* of $x_1, \\dots, x_n$ with $a < b$ is **linear**: H<sub>2</sub>O<br>next

| a | b |
|---|:-:|
| 1 | $\\frac{1}{2}$ |

<details><summary>More</summary>hidden</details>

![dot](attachment:dot.png) and [a paper](https://arxiv.org/abs/1312.6114)

$$
\\begin{aligned} a &= b \\\\ c &< d \\end{aligned}
$$
"""
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)


def everywhere(course) -> dict:
    """A notebook with script in raw cells, attachments, outputs, metadata and cell ids."""
    notebook = toy.answered(course)
    script = f"<script>{RUNS}</script>"
    svg = base64.b64encode(f"<svg xmlns='http://www.w3.org/2000/svg' onload='{RUNS}'/>".encode())
    output = {
        "output_type": "display_data",
        "metadata": {"image/png": {"width": f"1' onerror='{RUNS}"}},
        "data": {
            "text/html": script,
            "image/svg+xml": svg.decode(),
            "application/javascript": RUNS,
            "text/latex": script,
            "text/markdown": script,
            "image/png": f"'><img src=x onerror='{RUNS}'>",
            "application/vnd.jupyter.widget-view+json": {"model_id": script, "version_major": 2},
        },
    }
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [output]
    raw = {"cell_type": "raw", "source": script}
    notebook["cells"] += [
        {**raw, "id": "raw-a", "metadata": {}},
        {**raw, "id": "raw-b", "metadata": {"raw_mimetype": "text/html", "format": "text/html"}},
        {
            "cell_type": "markdown",
            "id": f'x"><img src=x onerror="{RUNS}">',
            "metadata": {"tags": [script], "slideshow": {"slide_type": script}},
            "source": "![a](attachment:a.svg) <object data='attachment:a.svg'></object>",
            "attachments": {"a.svg": {"image/svg+xml": svg.decode()}},
        },
        {
            "cell_type": "code",
            "id": "code",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": f"{script}\nprint('{script}')",
        },
    ]
    notebook["metadata"] |= {"title": script, "widgets": {"state": script}}
    return notebook
