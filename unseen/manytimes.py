import sys,torch; torch.set_num_threads(1)
from collections import Counter
from lab_harness import judge,read
lab=read(sys.argv[1]); key=sys.argv[2]; name=sys.argv[3]; n=int(sys.argv[4])
a=next(a for a in (*lab.right,*lab.wrong) if a.exercise==key and a.name==name)
c=Counter(); ex={}
for _ in range(n):
    o=judge(lab,key,a.source); k=(tuple(sorted(o.lost)), tuple(sorted(getattr(e,'slug','?') for e in o.lost.values())), getattr(o.check,'slug',None)); c[k]+=1
    if k not in ex: ex[k]=[' '.join(str(e).split())[:300] for e in o.lost.values()]
for k,v in c.items(): print(v,k,ex[k])
