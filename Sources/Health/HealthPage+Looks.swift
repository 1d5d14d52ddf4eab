import Pages

/// How the page looks and keeps itself up to date. Nothing moves, so there is no motion to reduce.
extension HealthPage {
  static let style =
    PageStyle.base + """

      :root{--soft:#565c62;--good:#0b6b3a;--bad:#a3161c;--badbg:#fdeeee;--bar:#2f6fb0;--now:#86addb}
      @media (prefers-color-scheme:dark){:root{--soft:#a2a9b0;--good:#6cd19b;--bad:#ff9a9a;--badbg:#351a1c;--bar:#6ea8e0;--now:#3f6690}}
      *{box-sizing:border-box}[hidden]{display:none}
      body{margin:0 auto;max-width:72rem;padding:1rem 1.25rem;background:var(--bg);color:var(--fg);font:15px/1.45 system-ui,"Noto Sans KR","Malgun Gothic",sans-serif;font-variant-numeric:tabular-nums}
      header,footer{display:flex;align-items:baseline;gap:.25rem 1rem}h1{font-size:1.15rem;margin:0}header time{color:var(--soft);margin-right:auto}
      h2{font-size:.95rem;margin:1.4rem 0 .5rem}.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
      button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:.4rem;padding:.25rem .7rem;min-height:2rem;white-space:nowrap;cursor:pointer}
      :focus-visible{outline:3px solid var(--bar);outline-offset:2px}
      .verdict{margin-top:.75rem;padding:.6rem .8rem;background:var(--card);border:1px solid var(--line);border-left:.35rem solid var(--good);border-radius:.4rem}
      .broken .verdict,.stale .verdict{border-left-color:var(--bad);background:var(--badbg)}.verdict p{margin:0;overflow-wrap:anywhere}
      #verdict{font-size:1.1rem;font-weight:600;color:var(--good)}.broken #verdict,.stale #verdict{color:var(--bad)}#fix:not(:empty){margin-top:.4rem}
      code{font:.92em ui-monospace,monospace;background:var(--card);border:1px solid var(--line);border-radius:.3rem;padding:.1rem .35rem;overflow-wrap:anywhere;-webkit-box-decoration-break:clone;box-decoration-break:clone}
      .pipe{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(5,1fr);gap:1.3rem}
      .box{position:relative;min-width:0;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.55rem .7rem;display:grid;grid-template:"role" "name" "rate" "more" "state" 1fr/1fr}
      .box+.box::before{content:"\u{2192}" / "";position:absolute;left:-1.25rem;top:50%;transform:translateY(-50%);width:1.2rem;text-align:center;color:var(--soft)}
      .role{grid-area:role;font-size:.85em}.name{grid-area:name;font-weight:600}.rate{grid-area:rate}.rate b{font-size:1.35rem;font-weight:600}.more{grid-area:more;font-size:.9em}.state{grid-area:state;margin-top:.3rem;overflow-wrap:anywhere}
      .role,.more,.rate,.state{color:var(--soft)}.rate b{color:var(--fg)}.runs .state{color:var(--good)}.off{border-style:dashed;border-color:var(--soft)}
      .bad{border:2px solid var(--bad);background:var(--badbg);padding:calc(.55rem - 1px) calc(.7rem - 1px)}.bad .state{color:var(--bad);font-weight:600}
      svg{display:block}.bar{fill:var(--bar)}.now{fill:var(--now)}.none{fill:var(--soft)}.axis{stroke:var(--line)}text{fill:var(--soft);font-size:12px}
      dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(12.5rem,1fr));gap:.6rem 1.2rem;margin:0}dl .wide{grid-column:1/-1}dt{color:var(--soft);font-size:.87em}dd{margin:0;overflow-wrap:anywhere}
      .board{table-layout:fixed;font-size:1em}.board th,.board td{vertical-align:middle;padding:.3rem .6rem .2rem 0;border-bottom:1px solid var(--line)}.board th:first-child{width:15%}.board .s{width:44%}.board .n{text-align:right;white-space:nowrap;width:12%}.board td:last-child{padding-left:.8rem;color:var(--soft);width:auto}.board svg.day{height:38px}
      .board tbody th{white-space:normal;overflow-wrap:anywhere}.board tbody b{font-weight:600}.board tbody th span,.board td span{display:block;color:var(--soft);font-size:.85em}.board td .up{color:var(--up)}.board td .dn{color:var(--dn)}.board .out td:last-child{color:var(--bad)}.board .out td:nth-child(4) b{color:var(--soft);font-weight:400}.board .lossy td:last-child span{color:var(--lossy)}.board .fine td:nth-child(4) b{font-weight:400}.board thead th{vertical-align:bottom;position:sticky;top:0;background:var(--bg)}
      .board .out th::before{background:var(--bad)}.together{margin:.2rem 0;color:var(--bad);font-weight:600}
      .more,.most{color:var(--soft);font-size:.87em;margin:.3rem 0}svg.chart{width:100%;height:90px}
      .healthy .pipe{gap:.9rem}.healthy .pipe .role,.healthy .pipe .more{display:none}.healthy .box{padding:.3rem .6rem}.healthy .rate b{font-size:1rem}main{display:flex;flex-direction:column}.broken .pipeline,.broken .verdict{order:-1}
      summary{cursor:pointer;font-weight:600;font-size:.95rem;padding:.2rem 0;width:fit-content}details{margin-top:1.2rem}summary h2{display:inline;margin:0}
      table{border-collapse:collapse;width:100%;font-size:.93em}th,td{text-align:left;padding:.16rem .8rem .16rem 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}thead th{color:var(--soft);font-size:.93em}th,td:nth-child(2){white-space:nowrap}td:last-child{width:100%;overflow-wrap:anywhere}
      .is-good{color:var(--good)}.is-bad{color:var(--bad);font-weight:600}.is-off{color:var(--soft)}
      footer{margin-top:1.4rem;color:var(--soft)}a{color:inherit;padding:.2rem 0}
      @media (max-width:48rem){.board thead th:not(.h){display:none}.board thead tr{position:sticky;top:0;padding:0!important}.board .s{padding:0!important}.board tr{display:grid;grid-template-columns:1fr auto auto;gap:0 .6rem;border-bottom:1px solid var(--line);padding:.3rem 0}.board th,.board td{border:0!important;padding:0!important;width:auto!important}.board .s{grid-area:3/1/4/-1}.board tbody th{grid-area:1/1}.board td:nth-child(2){grid-area:1/2}.board td:nth-child(4){grid-area:1/3}.board td:last-child{grid-area:2/1/3/-1}.board .fine td:last-child{grid-area:1/1;align-self:end;justify-self:end;font-size:.85em}.board td:last-child span{display:inline;margin-left:.6rem}#rows tr{display:grid;grid-template-columns:1fr auto;border-bottom:1px solid var(--line);padding:.2rem 0}#rows th,#rows td{border:0;padding:0}#rows td:nth-child(2){text-align:right}#rows td:last-child{grid-column:1/-1}#checks thead{display:none}body{padding:.75rem}.pipe{grid-template-columns:1fr;gap:.4rem}.box{grid-template:"name rate" "more state"/auto 1fr;gap:0 .6rem;padding:.4rem .6rem}.box+.box::before{content:none}.bad{padding:calc(.4rem - 1px) calc(.6rem - 1px)}.role{display:none}.rate,.state{text-align:right;margin:0}.rate b{font-size:1.1rem}dl{grid-template-columns:1fr 1fr}th,td{padding-right:.5rem}th,td:nth-child(2){white-space:normal}tbody th{overflow-wrap:anywhere;min-width:5.5rem}td:nth-child(2){min-width:5rem}}
      """

  /// Brings parts of the page up to date where they changed, unless paused or hidden. What has the focus stays.
  static let script = """
    const $=i=>document.getElementById(i),b=$('pause'),words=b.dataset;let off=false;b.hidden=false;b.textContent=words.pause;
    b.addEventListener('click',()=>{off=!off;b.textContent=off?words.resume:words.pause});
    async function look(){try{const r=await fetch('/',{cache:'no-store',signal:AbortSignal.timeout(4000)});const t=await r.text();
    const d=new DOMParser().parseFromString(t.slice(t.indexOf('<body')),'text/html');
    for(const n of d.querySelectorAll('[data-live]')){const o=$(n.id);
    if(o.innerHTML!==n.innerHTML&&!o.contains(document.activeElement))o.replaceChildren(...n.childNodes)}
    if(document.body.className!==d.body.className){document.body.className=d.body.className;$('checks').open=d.getElementById('checks').open}
    document.title=d.body.dataset.title;$('icon').href=d.body.dataset.icon}
    catch{if(document.body.className!=='stale'){document.body.className='stale';$('verdict').textContent=document.title=words.silent}}}
    setInterval(()=>{if(!off&&!document.hidden)look()},5000);
    """
}
