def f((:
    exec(payload
 ]]] %%
