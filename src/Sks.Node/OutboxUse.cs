namespace Sks.Node;

/// <summary>What is sent on to servers that do not ask for it.</summary>
public enum OutboxUse
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>What clients submit.</summary>
    Clients,

    /// <summary>That, and what such servers have sent.</summary>
    ClientsAndRelay,
}
