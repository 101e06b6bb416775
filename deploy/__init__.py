"""How Wangge is started, stopped and proven: no Django in here, standard library only."""
