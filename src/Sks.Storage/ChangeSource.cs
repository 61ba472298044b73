namespace Sks.Storage;

/// <summary>Where a change came from. The values are stored: never renumber.</summary>
public enum ChangeSource : byte
{
    /// <summary>An HKP client.</summary>
    Hkp = 1,

    /// <summary>A gRPC client.</summary>
    Grpc = 2,

    /// <summary>A file given to <c>sksd import</c>.</summary>
    Import = 3,

    /// <summary>A restriction: what was stored is not to be kept, or not all of it.</summary>
    Restriction = 4,

    /// <summary>Nobody: a clean view was worked out of what was stored before there were clean views.</summary>
    Upgrade = 5,

    /// <summary>An SKS server, by reconciliation.</summary>
    SksPeer = 6,

    /// <summary>A server of our own kind.</summary>
    Peer = 7,

    /// <summary>A mail, of a client or of a server of PKS's network.</summary>
    Mail = 8,

    /// <summary>A server of Hockeypuck's kind, that has sent it over HTTP unasked.</summary>
    PksPush = 9,
}
