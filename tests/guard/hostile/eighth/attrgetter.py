from operator import attrgetter, methodcaller
import os
methodcaller('system', 'id')(os)
