"""What a browser can say about a page. Each check returns faults, a line each."""
import json
import urllib.parse

# Elements that the Tab key reaches, in the order of the document; what is hidden or in a closed <details> is not among them.
FOCUSABLE = """[...document.querySelectorAll('a[href],button,summary,input,select,textarea,[tabindex]')]
  .filter(e=>!e.disabled&&e.tabIndex>=0&&e.checkVisibility({visibilityProperty:true}))"""
NAME = """(e=>e.tagName.toLowerCase()+(e.id?'#'+e.id:'')+' '+(e.getAttribute('aria-label')||e.textContent).trim().slice(0,40))"""
PLACE = """(e=>{const r=e.getBoundingClientRect();return [r.x+scrollX,r.y+scrollY,r.width,r.height]})"""


def quiet(tab):
    """Nothing on the console."""
    return ["console: " + text for text in tab.console]


def alone(tab, address):
    """Nothing is asked for but the page itself and what its own server has."""
    own = urllib.parse.urlsplit(address)
    wrong = []
    for request in tab.requests:
        parts = urllib.parse.urlsplit(request)
        is_own = request == address if own.scheme == "file" else parts[:2] == own[:2]
        if not is_own and parts.scheme != "data":
            wrong.append("asks the network for %s" % request[:100])
    return wrong


def fits(tab):
    """Nothing is wider than the window, unless it scrolls by itself."""
    width = tab.value("document.documentElement.scrollWidth")
    if width <= tab.width:
        return []
    wide = tab.value("""[...document.body.querySelectorAll('*')].filter(e=>e.getBoundingClientRect().right>%d+1)
      .slice(0,5).map(%s).join('; ')""" % (tab.width, NAME))
    return ["is %d px wide in a window of %d px: %s" % (width, tab.width, wide)]


def legible(tab):
    """No text lies under another, and none is cut."""
    return tab.value("""(()=>{scrollTo(0,0);const boxes=[],wrong=[];
      const walk=document.createTreeWalker(document.body,NodeFilter.SHOW_TEXT);
      for(let n;n=walk.nextNode();){const e=n.parentElement;
        if(!n.data.trim()||!e.checkVisibility()||e.closest('.sr,title,script,style'))continue;
        const range=document.createRange();range.selectNodeContents(n);
        const scroller=e.closest('.year,.feeds,svg');
        for(const r of range.getClientRects())if(r.width>1&&r.height>1&&!scroller)boxes.push([r,n.data.trim().slice(0,30)])}
      boxes.sort((a,b)=>a[0].top-b[0].top);
      for(let i=0;i<boxes.length;i++)for(let j=i+1;j<boxes.length&&boxes[j][0].top<boxes[i][0].bottom-3;j++){
        const [a,b]=[boxes[i][0],boxes[j][0]];
        if(Math.min(a.right,b.right)-Math.max(a.left,b.left)>2&&Math.min(a.bottom,b.bottom)-b.top>4)
          wrong.push('"'+boxes[i][1]+'" lies under "'+boxes[j][1]+'"')}
      return wrong.slice(0,5)})()""")


def contrast(tab):
    """Letters in pictures, which axe-core leaves undecided: 4.5 to 1 against what they stand on, a mark alone 3 to 1."""
    return tab.value("""(()=>{
      const parts=c=>c.match(/[\\d.]+/g).map(Number),
        light=c=>{const [r,g,b]=parts(c).slice(0,3).map(v=>(v/=255)<=.04045?v/12.92:((v+.055)/1.055)**2.4);
          return .2126*r+.7152*g+.0722*b},
        wrong=new Set();
      for(const e of document.querySelectorAll('svg text')){
        if(!e.textContent.trim()||!e.checkVisibility())continue;
        const under=e.previousElementSibling,ink=getComputedStyle(e).fill;
        let paper=under&&under.tagName==='rect'&&e.parentElement.tagName==='g'?getComputedStyle(under).fill:'none';
        if(paper==='none')paper=getComputedStyle(document.body).backgroundColor;
        const [a,b]=[light(ink),light(paper)].sort((x,y)=>y-x),ratio=(a+.05)/(b+.05);
        if(ratio<(e.textContent.length>1?4.5:3))
          wrong.add('"'+e.textContent+'" '+ink+' on '+paper+' is '+ratio.toFixed(2)+' to 1')}
      return [...wrong].slice(0,5)})()""")


def accessible(tab, axe):
    """Nothing that axe-core objects to; also the number of rules that passed, and what it could not decide."""
    tab.value(axe + ";0")
    said = json.loads(tab.value("""axe.run(document,{resultTypes:['violations','incomplete']}).then(r=>JSON.stringify({
      passes:r.passes.length,violations:r.violations.map(v=>[v.id,v.impact,v.nodes.length,v.nodes[0].html.slice(0,140),
      (v.nodes[0].any.concat(v.nodes[0].all,v.nodes[0].none)[0]||{}).message]),
      incomplete:r.incomplete.map(v=>v.id+' '+v.nodes.length)}))"""))
    faults = ["axe: %s (%s), %d times: %s: %s" % tuple(violation) for violation in said["violations"]]
    return faults, said["passes"], said["incomplete"]


def reachable(tab):
    """The Tab key reaches everything, in the order in which it is read, and each place shows where it is."""
    tab.value("document.activeElement.blur();scrollTo(0,0)")
    names = tab.value("%s.map(%s)" % (FOCUSABLE, NAME))
    faults, places = [], []
    for place, name in enumerate(names):
        tab.press("Tab")
        now = tab.value("%s.indexOf(document.activeElement)" % FOCUSABLE)
        if now != place:
            return faults + ["Tab %d reaches %s, not %s" % (place + 1, names[now] if now >= 0 else "nothing", name)]
        places.append(tab.value(PLACE + "(document.activeElement)"))
        # Many of a kind look the same: the first ones and the last are enough.
        if place < 6 or place == len(names) - 1:
            x, y, width, height = places[-1]
            clip = (max(0, x - 8), max(0, y - 8), min(width + 16, 1400), min(height + 16, 400))
            shown = tab.picture(None, clip)
            tab.value("window.kept=document.activeElement;kept.blur()")
            if tab.picture(None, clip) == shown:
                faults.append("the focus on %s cannot be seen" % name)
            tab.value("kept.focus({focusVisible:true})")
    # Down the page, or to the right within one line; columns of a calendar are a line of their own.
    for one, other, name in zip(places, places[1:], names[1:]):
        if other[1] + other[3] < one[1] and other[0] < one[0] + 5:
            faults.append("Tab goes back up to %s" % name)
    return faults
