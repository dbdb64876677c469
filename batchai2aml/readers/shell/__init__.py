"""Shell scripts, and the shell lines of Makefiles, notebooks and Markdown: commands, with variables followed."""
