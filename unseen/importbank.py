"""From the root, with PYTHONPATH=tests/support. importbank.py LAB DIR [--write]: judge chosen answers of the testers; append those refused (wrong) or paid (right)."""
import re,sys,torch; torch.set_num_threads(1)
from pathlib import Path
from lab_harness import judge, read
LAB=sys.argv[1]; write='--write' in sys.argv
CHOSEN={
('one','log-weights'):'w06 w28 '.split(),
('one','iw-bound'):'w11 w15 w16 w17 w25 w28 w33 w34'.split(), ('one','iw-bound-extra'):'e1 e2'.split(),
('one','log-likelihood'):'w06 w13 w16 w17 w23 w24 w27 w28 w32 w33'.split(),
('one','effective-sample-size'):'w07 w13 w16 w28 w32 w34'.split(),
('one','standard-errors'):'w09 w17 w24 w28 w38'.split(),
('one','evidence-on-grid'):'w12 w16 w17 w18 w21 w27 w28'.split(), ('one','evidence-on-grid-extra'):['e3'],
('one','kl-on-grid'):'w11 w12 w18 w24 w25 w27 w38'.split(), ('one','kl-on-grid-extra'):['e2'],
('one','refine'):'w04 w15 w16 w17 w18 w23 w28 w39 o02 o03'.split(), ('one','refine-extra'):'e1 e4'.split(),
('one','gaps'):'w13 w24 w28'.split(),
('one','kl-by-dimension'):'w11 w18 w31 w34'.split(),
('one','active-units'):'w11 w12 w20 w23 w28 w31 w33 w35 w40'.split(),
('one','kl-weight'):'w15 w18 w24'.split(),
('two','free-bits'):['axes swapped','squeeze first','median over images','single precision inside','elements above the floor keep their gradient','gradient of the sum, not of the mean'],
('two','rate-distortion'):['distortion is what is left of nll','Bessel','per pixel','single precision','smaller one is the rate'],
('two','kl-split'):['second part is information less rate','aggregate as a density','information kept below log N','bits','Bessel'],
('two','discretized-logistic'):['highest end without the minus','log scale clamped at -7','arguments clamped at 30','factor 1 - exp forgotten','mean clamped to [0, 1]','ends of PixelCNN++, at a thousandth'],
('two','pca'):['Gram matrix of the images','pca_lowrank with more of everything','power iteration, thirty steps','outputs in another order','small singular values dropped'],
('two','bug-1'):['running sum not rescaled','divided at every part','last part forgotten','squeezed','list emptied','parts overwritten'],
('two','bug-2'):['both subtracted','sigma for the variance','times the variance','normalized over codes','squeezed','mu along the codes'],
('two','bug-3'):['log B','squeezed'],
('two','bug-4'):['minus sign','mean is the first code','squeezed'],
('two','bug-5'):['both errors joined','pair swapped','negative log likelihood','one-pass variance','log B in the bound'],
}
RIGHT={('two','rate-distortion'):['difference of the sum']}
for src in ('one','two'):
    for f in sorted(Path('unseen',src).glob('*.py')):
        stem=f.stem; key=re.sub('-(extra|import)$','',stem)
        if (src,stem) not in CHOSEN and (src,stem) not in RIGHT: continue
        parts=re.split(r'^# %% (.*)$',f.read_text(),flags=re.M)[1:]
        lab=read(LAB); bank=Path(f'source/{LAB}/answers/{key}.py'); text=bank.read_text().rstrip('\n'); n=0
        have={re.sub(r'\s+','',a.source) for a in (*lab.right,*lab.wrong) if a.exercise==key}
        for name,code in zip(parts[::2],parts[1::2]):
            wants=CHOSEN.get((src,stem),[]); rights=RIGHT.get((src,stem),[])
            if src=='one' and name.split()[0] not in wants: continue
            if src=='two' and name not in wants and name not in rights: continue
            short=re.sub(r'^[weo]\d+ ','',name).strip()
            body='\n'.join(l for l in code.strip('\n').split('\n') if not l.startswith('# kind')).strip('\n')
            if f'# %% {short}\n' in text: short+=', once more'
            o=judge(lab,key,body)
            lost=[c for c in lab.tasks[key].graded if c in o.lost]
            if name in rights:
                print('RIGHT',key,short,lost); 
                continue
            if not lost: print(f'PAID  {key} | {short}'); continue
            e=o.lost[lost[0]]; slug=getattr(e,'slug',None); msg=' '.join(str(e).split())
            if slug is None: print('ACCIDENT',key,short,repr(e)); continue
            mis=getattr(e,'misconception','') or ''
            meaning=getattr(e,'meaning',mis)
            says=re.split(r'[:.;]',mis if mis and mis in meaning else meaning)[0].strip()
            says=' '.join(says.split()[:6])
            print(f'{key} | {short} | {len(lost)}/{len(lab.tasks[key].graded)} | {msg[:330]}')
            head=f'\n\n\n# %% {short}\n# slug: {slug}\n# says: {says}\n'+(f'# loses: {", ".join(lost)}\n' if len(lost)<len(lab.tasks[key].graded) else '')
            text+=head+body; n+=1
        if write and n: bank.write_text(text+'\n')
