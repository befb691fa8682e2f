"""Processes that train trials and outlive them: one starts, imports and reads once, and then trains turn after turn.

    parent                                            worker (a process a slot, started by `process.py`)
    pool.py    who is free, who is lost, who is late    main.py      loads the user's code once, trains what it is given
    process.py one worker: its pipe, its life           lifeline.py  ends with the parent, however that ends
    devices.py, fitting.py  how many, on what           memory.py    how much it holds, what it gives back
    patience.py, growth.py  who is late, who has grown  forgetting.py  what TensorFlow would keep of a trial
    limits.py, gpus.py, cuda.py  what there is

Parent and worker speak in `messages.py`, over a pipe of their own; rows they have in common (`local_engine.sharing`). A
worker does nothing but train: the study, the budget and the events are the parent's.
"""
