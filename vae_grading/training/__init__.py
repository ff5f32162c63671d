"""Models trained from the command line, and what is written down about them.

train          `vae-lab train`: one model or several seeds, losses, measures, a folder of results
pictures       the figures of that folder, each with its caption
run_page       its page, one HTML file that needs nothing else
kept_model     the trained model in it, written and read
explore        `vae-lab explore`: a page in which one walks through such a model's codes
explorer_page  that page
measure        `vae-lab measure`: the measures that a lab's notebook reads
published      `vae-lab train --recipe`: a published set-up, its numbers beside ours
zoo            `vae-lab zoo`: a row of numbers for each family of vae_zoo
"""

from vae_grading.training.explore import explore
from vae_grading.training.measure import measure
from vae_grading.training.train import train
from vae_grading.training.zoo import zoo

COMMANDS = (train, explore, measure, zoo)
