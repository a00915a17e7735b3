"""The command line: one file a command, and none of them decides anything.

The table names every command with the module that holds it; a module is imported when its command runs.
"""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "scan": ("modelguard.commands.scan", "Scan files and folders for leaks."),
    "scan-hub": ("modelguard.commands.scan_hub", "Scan repositories of a Hugging Face Hub, by range."),
    "upload": ("modelguard.commands.upload", "Scan files, and only then upload them to a Hub."),
    "publish": ("modelguard.commands.publish", "Scan a repository of a Hub, and only then make it public."),
    "run": ("modelguard.commands.run", "Run a program that uploads nothing unscanned."),
    "init": ("modelguard.commands.init", "Set up a project: settings, hook, .gitignore, first baseline."),
    "install-hooks": ("modelguard.commands.install_hooks", "Have git check commits and pushes, without a framework."),
    "hook": ("modelguard.commands.hook", "What git and hook frameworks run."),
    "explain": ("modelguard.commands.explain", "Say why something is a finding, or is none."),
    "rules": ("modelguard.commands.rules", "List, explain and prove the rules."),
    "baseline": ("modelguard.commands.baseline", "Accept what is there, so that only new leaks block."),
    "report": ("modelguard.commands.report", "Show an earlier JSON result in another format."),
    "action": ("modelguard.commands.action", "Run as a GitHub Action."),
    "cache": ("modelguard.commands.cache", "Show or clear what earlier scans remember."),
}
