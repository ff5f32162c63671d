"""bankcheck.py LAB KEY... [--new]: judge bank answers once, show what differs from the header."""
import sys, torch; torch.set_num_threads(1)
from lab_harness import judge, read
lab=read(sys.argv[1]); keys=sys.argv[2:]; n=bad=0
for a in (*lab.right,*lab.wrong):
    if keys and a.exercise not in keys: continue
    n+=1
    o=judge(lab,a.exercise,a.source)
    first=[o.lost[c] for c in lab.tasks[a.exercise].graded if c in o.lost][:1]
    msg=' '.join(getattr(first[0],'message',repr(first[0])).split()) if first else repr(o.check)
    slug=getattr(first[0],'slug','') if first else ''
    if set(o.lost)!=set(a.loses) or (not a.loses and o.check) or o.stderr or (first and (slug!=a.slug or a.says.lower() not in getattr(first[0],'message','').lower().replace('\n',' ').replace('  ',' ') and a.says.lower() not in getattr(first[0],'message','').lower())):
        bad+=1; print(f'{a.exercise} | {a.name} | loses {sorted(o.lost)} (bank {sorted(a.loses)}) | bank {a.slug}/{a.says} | {msg[:400]}',flush=True)
print(n,'judged',bad,'differ')
