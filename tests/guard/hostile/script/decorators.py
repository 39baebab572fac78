@exec
@input
class Prompt:
    pass
