import torch,sys; torch.set_num_threads(1)
from lab_harness import *
import time
lab=read(sys.argv[1])
for key,task in lab.tasks.items():
    if len(sys.argv)>2 and key not in sys.argv[2:]: continue
    t=time.time()
    o=judge(lab,key,task.solution)
    print(key, 'OK' if not o.lost and not o.check else {k:(getattr(e,'slug',''),str(e)[:400]) for k,e in o.lost.items()} or o.check, round(time.time()-t,2), flush=True)
    for a in lab.right:
        if a.exercise==key:
            o=judge(lab,key,a.source)
            if o.lost or o.check: print('   ',a.name,{k:(getattr(e,'slug',''),str(e)[:300]) for k,e in o.lost.items()} or o.check, flush=True)
