"""Everything on this machine: the engines, then the services as child processes, each started again when it dies."""

from deploy.supervisor.supervisor import SERVICES, Supervisor

__all__ = ["SERVICES", "Supervisor"]
