namespace Sks.Node.Peers;

/// <summary>Words for what is known of peers, the same wherever people and programs read them.</summary>
public static class PeerText
{
    /// <summary>What kind of server it is.</summary>
    public static string Of(PeerKind kind) => kind switch
    {
        PeerKind.Sks => "sks",
        PeerKind.Modern => "modern",
        PeerKind.Pks => "pks",
        _ => "unknown",
    };

    /// <summary>Who began a session.</summary>
    public static string Of(PeerRole role) => role switch
    {
        PeerRole.Initiator => "initiator",
        PeerRole.Responder => "responder",
        _ => "unknown",
    };
}
