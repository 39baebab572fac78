import sched, time, threading
events = []
def tick(n=0):
    events.append(n)
    if len(events) > 1000: del events[:500]
    threading.Timer(1.0, tick, [n + 1]).start()
tick()
