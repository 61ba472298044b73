using Local = Sks.Node.Links.RefusalReason;
using Wire = Sks.Peer.V1.RefusalReason;

namespace Sks.Grpc.Peers;

/// <summary>Reasons of refusals as they are sent.</summary>
internal static class RefusalMapping
{
    /// <summary>What is sent.</summary>
    public static Wire ToMessage(this Local reason) => reason switch
    {
        Local.Held => Wire.Held,
        Local.NotHeld => Wire.NotHeld,
        Local.Restricted => Wire.Restricted,
        Local.TooLarge => Wire.TooLarge,
        Local.Invalid => Wire.Invalid,
        Local.Busy => Wire.Busy,
        _ => Wire.Unspecified,
    };

    /// <summary>What was received; null when it is none that is known here.</summary>
    public static Local? ToReason(this Wire reason) => reason switch
    {
        Wire.Held => Local.Held,
        Wire.NotHeld => Local.NotHeld,
        Wire.Restricted => Local.Restricted,
        Wire.TooLarge => Local.TooLarge,
        Wire.Invalid => Local.Invalid,
        Wire.Busy => Local.Busy,
        _ => null,
    };
}
