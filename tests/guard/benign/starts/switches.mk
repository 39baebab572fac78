UNAME := $(shell uname -s)
ifeq ($(UNAME),Darwin)
OPEN = open
else
OPEN = xdg-open
endif
SHELL := /bin/bash
FLAGS = $(if $(DEBUG),-g,-O2)
SRC := $(wildcard src/*.c)
OBJ := $(SRC:.c=.o)

all: $(OBJ)
	$(CC) $(FLAGS) -o app $(OBJ)

show: all
	$(OPEN) index.html

clean:
	rm -f $(OBJ) app
