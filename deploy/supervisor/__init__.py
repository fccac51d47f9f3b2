"""Runs everything on this machine: the engines, then the services as child processes; restarts each when it dies."""

from deploy.supervisor.supervisor import SERVICES, Supervisor

__all__ = ["SERVICES", "Supervisor"]
